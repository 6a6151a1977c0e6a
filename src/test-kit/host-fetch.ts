import type { Wiring } from "./endpoint.js";
import type { Line } from "./lines.js";

/** The `fetch` of a host over the network: text requests and answers, and `signal`. */
export function fetchOver(wiring: Wiring): typeof fetch {
  return (input, init = {}) =>
    new Promise((resolve, reject) => {
      const url = typeof input === "string" ? input : input instanceof URL ? input.href : input.url;
      const { signal, body, method = "GET" } = init;
      const exchange = wiring
        .find(url)
        ?.exchange(url, method === "GET" ? undefined : String(body ?? ""));
      let line: Line | undefined;
      let isOver = false;
      const end = (tell: () => void, isRead = false): void => {
        if (isOver) return;
        isOver = true;
        signal?.removeEventListener("abort", aborted);
        line?.close("client");
        if (exchange) exchange.end(isRead ? tell : undefined);
        if (!isRead || !exchange) tell();
      };
      const failed = (): void => end(() => reject(new TypeError("Failed to fetch")));
      const aborted = (): void => end(() => reject(signal?.reason as Error));
      if (signal?.aborted) return aborted();
      signal?.addEventListener("abort", aborted);
      wiring.network.connect(
        "http",
        (opened) => {
          if (isOver) return opened.close("client");
          line = opened;
          line.client = { frame() {}, closed: failed };
          if (!exchange) return failed();
          exchange.begin(line, ({ status, body: text, headers = {} }) =>
            end(() => resolve(responseOf(text, status, headers)), true),
          );
        },
        failed,
      );
    });
}

/** Where the host has no `Response` (jsdom): the part of it that this client reads. */
function responseOf(text: string, status: number, headers: Record<string, string>): Response {
  if (typeof Response === "function") return new Response(text, { status, headers });
  const response = {
    status,
    ok: status >= 200 && status < 300,
    headers: { get: (name: string) => headers[name.toLowerCase()] ?? null },
    text: () => Promise.resolve(text),
    clone: () => response,
  };
  return response as unknown as Response;
}

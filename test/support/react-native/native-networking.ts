import { type ClientRequest, request } from "node:http";
import type { NativeModule } from "./device.js";
import { lookup } from "./lookup.js";
import type { BlobData } from "./native-blobs.js";

/**
 * The native half of React Native's XMLHttpRequest, as on Android (NetworkingModule.kt), over real sockets.
 *
 * @param keep - makes a Blob of an answer, for who wants one (fetch does)
 */
export function nativeNetworking(
  emit: (event: string, data: unknown[]) => void,
  keep: (bytes: Buffer) => BlobData,
): NativeModule {
  const running = new Map<number, ClientRequest>();
  return {
    methods: {
      sendRequest(
        method: string,
        url: string,
        id: number,
        headers: [string, string][],
        { string }: { string?: string },
        responseType: string,
        _incremental: boolean,
        timeout: number,
      ) {
        const complete = (error: string | null, isTimeout = false): void => {
          if (running.delete(id)) emit("didCompleteNetworkResponse", [id, error, isTimeout]);
        };
        if (!/^https?:/.test(url)) {
          // OkHttp knows no other scheme
          running.set(id, undefined as never);
          return complete(`Expected URL scheme 'http' or 'https' but was '${url.split(":")[0]}'`);
        }
        const exchange = request(url, {
          method,
          headers: Object.fromEntries(headers),
          agent: false,
          lookup,
        });
        running.set(id, exchange);
        if (timeout)
          exchange.setTimeout(timeout, () => {
            complete("timeout", true);
            exchange.destroy();
          });
        exchange.on("error", ({ message }) => complete(message));
        exchange.on("response", (response) => {
          const { statusCode, headers } = response;
          if (running.has(id)) emit("didReceiveNetworkResponse", [id, statusCode, headers, url]);
          const pieces: Buffer[] = [];
          response.on("data", (piece: Buffer) => pieces.push(piece));
          response.on("error", () => complete("unexpected end of stream"));
          response.on("end", () => {
            const body = Buffer.concat(pieces);
            const data = responseType === "blob" ? keep(body) : body.toString();
            if (running.has(id)) emit("didReceiveNetworkData", [id, data]);
            complete(null);
          });
        });
        exchange.end(string);
      },
      abortRequest(id: number) {
        const exchange = running.get(id);
        running.delete(id);
        exchange?.destroy();
      },
      clearCookies: () => undefined,
    },
    end() {
      for (const exchange of running.values()) exchange?.destroy();
    },
  };
}

import { createServer, request as forward } from "node:http";
import net from "node:net";
import { listen, type RunningServer } from "./servers.js";

/**
 * A load balancer. Without sticky sessions each request goes to the next node, WebSockets too.
 *
 * @param cookie - the name of a cookie by which a client stays with the node that it came to first
 */
export async function startBalancer(
  ports: number[],
  { cookie }: { cookie?: string } = {},
): Promise<RunningServer> {
  let turn = 0;
  const next = (cookies = ""): number => {
    const at = cookie && new RegExp(`(?:^|; )${cookie}=(\\d+)`).exec(cookies)?.[1];
    return at ? Number(at) : turn++ % ports.length;
  };
  const pairs = new Set<net.Socket>();

  const http = createServer((request, response) => {
    const { method, url, headers } = request;
    const node = next(headers.cookie);
    const onward = forward(
      { host: "127.0.0.1", port: ports[node], method, path: url, headers },
      (answer) => {
        if (cookie) response.appendHeader("Set-Cookie", `${cookie}=${node}; Path=/`);
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on("error", () => response.writeHead(502).end());
    response.on("close", () => onward.destroy());
    request.pipe(onward);
  });

  http.on("upgrade", (request, client: net.Socket, head) => {
    const node = net.connect({ host: "127.0.0.1", port: ports[next(request.headers.cookie)] ?? 0 });
    const headers = request.rawHeaders.flatMap((name, index, all) =>
      index % 2 === 0 ? [`${name}: ${all[index + 1]}`] : [],
    );
    node.write(`GET ${request.url} HTTP/1.1\r\n${headers.join("\r\n")}\r\n\r\n`);
    node.write(head);
    client.pipe(node).pipe(client);
    for (const [socket, other] of [
      [client, node],
      [node, client],
    ] as const) {
      pairs.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        pairs.delete(socket);
        other.destroy();
      });
    }
  });

  const running = await listen(http);
  return {
    ...running,
    close: async () => {
      for (const socket of pairs) socket.destroy();
      await running.close();
    },
  };
}

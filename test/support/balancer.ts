import { createServer, type IncomingMessage, request as forward } from "node:http";
import net from "node:net";
import { listen, type RunningServer } from "./servers.js";

/**
 * A load balancer. Each request goes to the next node, WebSockets too; unless it is sticky, and the request has the cookie that
 * the first answer set.
 */
export async function startBalancer(
  ports: number[],
  { isSticky = false } = {},
): Promise<RunningServer> {
  let turn = 0;
  /** The node of a request, and what its answer has to say of that. */
  const choose = ({ headers }: IncomingMessage): { port: number; cookie?: string } => {
    const known = isSticky && /(?:^|; )node=(\d+)/.exec(headers.cookie ?? "")?.[1];
    const index = known ? Number(known) : turn++ % ports.length;
    const port = ports[index] ?? 0;
    return isSticky && !known ? { port, cookie: `node=${index}; Path=/; HttpOnly` } : { port };
  };
  const pairs = new Set<net.Socket>();

  const http = createServer((request, response) => {
    const { method, url, headers } = request;
    const { port, cookie } = choose(request);
    const onward = forward({ host: "127.0.0.1", port, method, path: url, headers }, (answer) => {
      const more = cookie
        ? { "set-cookie": [...(answer.headers["set-cookie"] ?? []), cookie] }
        : {};
      response.writeHead(answer.statusCode ?? 502, { ...answer.headers, ...more });
      answer.pipe(response);
    });
    onward.on("error", () => response.writeHead(502).end());
    response.on("close", () => onward.destroy());
    request.pipe(onward);
  });

  http.on("upgrade", (request, client: net.Socket, head) => {
    const node = net.connect({ host: "127.0.0.1", port: choose(request).port });
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

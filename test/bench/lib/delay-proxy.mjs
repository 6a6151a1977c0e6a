import { createServer, connect } from "node:net";

/**
 * A TCP proxy that makes the way to a port on this machine `oneWay` milliseconds long. What a client sends
 * on a new connection leaves one round trip later, as if the TCP handshake had crossed the same way.
 */
export async function startDelayProxy(targetPort, oneWay) {
  const sockets = new Set();
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ port: targetPort, host: "127.0.0.1", noDelay: true });
    const established = performance.now() + 2 * oneWay;
    relay(client, upstream, () => Math.max(performance.now(), established) + oneWay);
    relay(upstream, client, () => performance.now() + oneWay);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.once("close", () => sockets.delete(socket));
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function relay(from, to, arrivalTime) {
  const later = (deliver) => {
    const delay = arrivalTime() - performance.now();
    if (delay < 0.5) deliver();
    else setTimeout(deliver, delay);
  };
  from.on("data", (chunk) => later(() => to.writable && to.write(chunk)));
  from.once("close", () => later(() => to.destroy()));
}

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocket as Client, WebSocketServer } from "ws";
import { plainContract } from "./plain-contract.js";

plainContract("ws 8", async () => {
  const server = new WebSocketServer({ port: 0 });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const clients: Client[] = [];
  return {
    server,
    client(protocols = []) {
      const client = new Client(`ws://127.0.0.1:${port}/chat?a=1`, protocols);
      clients.push(client);
      return client as unknown as WebSocket;
    },
    async until(condition) {
      while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
    },
    close() {
      for (const client of [...clients, ...server.clients]) client.terminate();
      server.close();
    },
  };
});

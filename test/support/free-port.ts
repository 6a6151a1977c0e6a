/** To extend: don't; whoever needs a server lets it listen on port 0, and whoever needs none takes `closedPort`. */
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

/** A port for a process that is started at once: another one may take it before. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/**
 * A stock Socket.IO server with recovery, on the origin of two pages, so that one can navigate there and back.
 *
 *   const site = await startLifecycleSite();
 *   await page.goto(site.url);             // has `io`, and `live`, see below
 *   await page.goto(`${site.url}/other`);  // has nothing
 *
 * In the page, `live.connect(options)` connects and writes down in `live.log` what happens: an array of
 * `[event, ...details]`; `live.isMeasured()` tells whether a probe was answered since. To extend: add an event to `script`.
 */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { Server, type ServerOptions } from "socket.io";
import { listen, type RunningServer } from "../../support/servers.ts";

const bundle = new URL("../../../dist/tautline.full.min.js", import.meta.url);

const script = `
globalThis.live = {
  log: [],
  socket: undefined,
  connect(options) {
    const { log } = this;
    const socket = (this.socket = io(options.url, { ...options, autoConnect: false }));
    socket.on("connect", () => log.push(["connect", socket.recovered]));
    socket.on("disconnect", (reason, details) => log.push(["disconnect", reason, String(details?.description)]));
    socket.on("n", (n) => log.push(["n", n]));
    socket.io.on("state", (state, old, why) => log.push(["state", state, why]));
    // counting begins with the first call
    io.stats(socket.io);
    socket.connect();
  },
  isMeasured() {
    return io.stats(this.socket.io).rtt.last !== undefined;
  },
};
for (const type of ["online", "offline"])
  addEventListener(type, () => live.log.push(["page", type]));
for (const type of ["pageshow", "pagehide"])
  addEventListener(type, ({ persisted }) => live.log.push(["page", type, persisted]));
for (const type of ["freeze", "resume"])
  document.addEventListener(type, () => live.log.push(["page", type]));
document.addEventListener("visibilitychange", () => live.log.push(["page", document.visibilityState]));
`;

const html = (body: string): string =>
  `<!doctype html><meta charset="utf-8"><title>A page</title><body>${body}</body>`;

export interface LifecycleSite extends RunningServer {
  io: Server;
  /** The same server by an address that a client can't tell from one beyond a network, which it may have to wait for. */
  remoteUrl: string;
}

export async function startLifecycleSite(
  options: Partial<ServerOptions> = {},
): Promise<LifecycleSite> {
  const pages = new Map([
    ["/", html(`<script src="/tautline.full.min.js"></script><script>${script}</script>`)],
    ["/other", html("another one")],
  ]);
  const http = createServer(async (request, response) => {
    const path = request.url ?? "";
    const page = pages.get(path);
    if (page !== undefined) response.setHeader("Content-Type", "text/html").end(page);
    else if (path === "/tautline.full.min.js")
      response.setHeader("Content-Type", "text/javascript").end(await readFile(bundle));
    else response.writeHead(404).end();
  });
  const io = new Server(http, {
    cors: { origin: true },
    connectionStateRecovery: { maxDisconnectionDuration: 120_000 },
    ...options,
  });
  const running = await listen(http);
  return {
    ...running,
    io,
    remoteUrl: `http://[::ffff:127.0.0.1]:${running.port}`,
    async close() {
      io.engine.close();
      await running.close();
    },
  };
}

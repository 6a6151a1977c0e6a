import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";
import { build } from "esbuild";
import type { Server } from "socket.io";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { Socket } from "../../src/index.js";
import { filesOf } from "../support/doc-files.ts";
import { startSocketIo, type RunningSocketIo } from "../support/servers.ts";

/*
 * The programs of docs/hosts.md, in a context that has nothing of a host but timers, a console, and the `wx` of a mini
 * program over the sockets of `ws`. To extend: what another host has goes into `miniProgram`.
 */
const root = fileURLToPath(new URL("../../", import.meta.url));

interface MiniProgram {
  wx: object;
  /** Ends each socket as a network that is gone does. */
  cut(): void;
  network(isConnected: boolean): void;
  show(): void;
  listeners(): number;
}

function miniProgram(): MiniProgram {
  const sockets = new Set<WebSocket>();
  const onNetwork = new Set<(status: { isConnected: boolean }) => void>();
  const onShow = new Set<() => void>();
  return {
    wx: {
      connectSocket({ url, protocols }: { url: string; protocols: string[] }) {
        const socket = new WebSocket(url, protocols);
        socket.binaryType = "arraybuffer";
        sockets.add(socket);
        return {
          onOpen: (listener: () => void) => socket.on("open", listener),
          onMessage: (listener: (message: object) => void) =>
            socket.addEventListener("message", ({ data }) => listener({ data })),
          onError: (listener: (error: object) => void) =>
            socket.on("error", ({ message }) => listener({ errMsg: message })),
          onClose: (listener: (close: object) => void) =>
            socket.addEventListener("close", ({ code, reason }) => listener({ code, reason })),
          send({ data }: { data: unknown }) {
            if (typeof data !== "string" && !isArrayBuffer(data))
              throw new TypeError("send: a text or an ArrayBuffer");
            socket.send(data as string);
          },
          close: ({ code, reason }: { code: number; reason: string }) => socket.close(code, reason),
        };
      },
      onNetworkStatusChange: (listener: () => void) => onNetwork.add(listener),
      offNetworkStatusChange: (listener: () => void) => onNetwork.delete(listener),
      onAppShow: (listener: () => void) => onShow.add(listener),
      offAppShow: (listener: () => void) => onShow.delete(listener),
    },
    cut() {
      for (const socket of sockets) socket.terminate();
    },
    network: (isConnected) => onNetwork.forEach((listener) => listener({ isConnected })),
    show: () => onShow.forEach((listener) => listener()),
    listeners: () => onNetwork.size + onShow.size,
  };
}

/** An ArrayBuffer of any context. */
const isArrayBuffer = (data: unknown): boolean =>
  Object.prototype.toString.call(data) === "[object ArrayBuffer]";

describe("The mini program of docs/hosts.md", () => {
  let server: RunningSocketIo;
  let host: MiniProgram;
  let socket: Socket;

  beforeEach(async () => {
    server = await startSocketIo();
    server.io.on("connection", (peer) => {
      peer.on("echo", (...args: unknown[]) => (args.pop() as (value: unknown) => void)(args[0]));
    });
    host = miniProgram();
    socket = await runApp(server.url, host);
  });
  afterEach(async () => {
    socket.disconnect();
    await server.close();
  });

  it("connects, and sends and receives", async () => {
    await connected(socket);
    const line = new Promise((resolve) => socket.on("line", resolve));
    server.io.emit("line", "hello");
    expect(await line).toBe("hello");
    expect(await socket.emitWithAck("echo", { n: 1 })).toEqual({ n: 1 });
  });

  it("carries binary data both ways", async () => {
    const bytes = await socket.emitWithAck("echo", new Uint8Array([9, 1, 2, 3]).subarray(1));
    expect(isArrayBuffer(bytes)).toBe(true);
    expect([...new Uint8Array(bytes as ArrayBuffer)]).toEqual([1, 2, 3]);
  });

  it("is back after a cut, at once when the app is shown", async () => {
    await connected(socket);
    const lost = new Promise((resolve) => socket.on("disconnect", resolve));
    host.cut();
    expect(await lost).toBe("transport close");
    const back = connected(socket);
    host.show();
    await back;
    expect(await socket.emitWithAck("echo", 2)).toBe(2);
  });

  it("waits while the host says that there is no network", async () => {
    await connected(socket);
    const states: string[] = [];
    socket.io.on("state", (state) => states.push(state));
    const lost = new Promise((resolve) => socket.on("disconnect", resolve));
    host.network(false);
    host.cut();
    await lost;
    const back = connected(socket);
    host.network(true);
    await back;
    expect(states.at(-1)).toBe("open");
  });

  it("leaves no listener at the host", async () => {
    await connected(socket);
    expect(host.listeners()).toBe(2);
    socket.disconnect();
    await left(server.io);
    expect(host.listeners()).toBe(0);
  });
});

const connected = (socket: Socket): Promise<void> =>
  new Promise((resolve) => (socket.connected ? resolve() : socket.once("connect", resolve)));

/** Resolves when the server has no client any more. */
async function left(io: Server): Promise<void> {
  const peers = [...io.sockets.sockets.values()];
  await Promise.all(
    peers.map((peer) => new Promise((resolve) => peer.once("disconnect", resolve))),
  );
}

async function runApp(url: string, { wx }: MiniProgram): Promise<Socket> {
  const folder = mkdtempSync(join(tmpdir(), "tautline-hosts-"));
  try {
    for (const [name, text] of Object.entries(filesOf("docs/hosts.md")))
      writeFileSync(join(folder, name), text.replace("https://chat.example", url));
    await build({
      entryPoints: [join(folder, "app.ts")],
      outfile: join(folder, "app.js"),
      bundle: true,
      format: "iife",
      globalName: "app",
      alias: { tautline: join(root, "src/index.ts") },
      nodePaths: [join(root, "node_modules")],
      logLevel: "error",
    });
    const context = createContext({ wx, setTimeout, clearTimeout, console });
    runInContext(readFileSync(join(folder, "app.js"), "utf8"), context);
    return (context as { app: { socket: Socket } }).app.socket;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

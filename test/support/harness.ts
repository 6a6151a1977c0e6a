/** What a test asks for here ends with the test, the latest first: clients before their server. */
import "./host.js";
import { onTestFinished, vi } from "vitest";
import type { ServerOptions } from "socket.io";
import * as msgpack from "socket.io-msgpack-parser";
import { io } from "../../src/development.js";
import type { ManagerOptions, Socket, SocketOptions } from "../../src/index.js";
import { createFaultProxy, type FaultProxy } from "./fault-proxy.mjs";
import { claimPort, startSocketIo, type RunningServer, type RunningSocketIo } from "./servers.js";

export type ClientOptions = Partial<ManagerOptions & SocketOptions>;

/** A way to talk to the server, over which a behaviour must be the same. */
export interface Mode {
  name: string;
  options: ClientOptions;
  server: Partial<ServerOptions>;
  /** The transport on which it ends up. */
  settles: "polling" | "websocket";
}

export const modes: Mode[] = [
  { name: "polling", options: { transports: ["polling"] }, server: {}, settles: "polling" },
  { name: "websocket", options: { transports: ["websocket"] }, server: {}, settles: "websocket" },
  {
    name: "polling, then websocket",
    options: { transports: ["polling", "websocket"] },
    server: {},
    settles: "websocket",
  },
];

/** In Node, the parser gets its build for Node, which reads Buffers only; in a bundle it reads ArrayBuffers. */
class NodeDecoder extends msgpack.Decoder {
  override add(data: ArrayBuffer): void {
    super.add(Buffer.from(data));
  }
}

/** The same with another parser: one transport of each kind of frame. */
export const msgpackModes: Mode[] = modes.slice(0, 2).map((mode) => ({
  ...mode,
  name: `${mode.name} with msgpack`,
  options: { ...mode.options, parser: { ...msgpack, Decoder: NodeDecoder } },
  server: { parser: msgpack },
}));

export const allModes = [...modes, ...msgpackModes];

export async function closing<T extends { close(): unknown }>(starting: Promise<T>): Promise<T> {
  const started = await starting;
  onTestFinished(async () => {
    await started.close();
  });
  return started;
}

export function serve(
  options: Partial<ServerOptions> = {},
  port?: number,
): Promise<RunningSocketIo> {
  return closing(startSocketIo(options, port));
}

export async function proxyTo(
  server: RunningServer,
  options: Omit<Parameters<typeof createFaultProxy>[0], "target"> = {},
): Promise<FaultProxy> {
  const proxy = await closing(createFaultProxy({ ...options, target: server.port }));
  return claimPort(proxy.port) ? proxy : proxyTo(server, options);
}

/** A client of its own connection, which tries again quickly. */
export function client(url: string, options: ClientOptions = {}): Socket {
  const socket = io(url, {
    forceNew: true,
    reconnectionDelay: 20,
    reconnectionDelayMax: 100,
    ...options,
  });
  onTestFinished(() => {
    socket.disconnect();
    // A namespace that was refused left its connection open.
    socket.io._close();
  });
  return socket;
}

interface Emitter {
  once(event: string, listener: (...args: never[]) => void): unknown;
}

/** The arguments with which an event comes next. */
export function next(emitter: Emitter, event: string): Promise<any[]> {
  return new Promise((resolve) => {
    emitter.once(event, (...args: unknown[]) => resolve(args));
  });
}

export async function connected(socket: Socket): Promise<Socket> {
  if (!socket.connected) await next(socket, "connect");
  return socket;
}

/**
 * Waits for something that has no event of its own. It gives up before a test does, to say what for, but not because the machine
 * stood still for a while.
 */
export function until(condition: () => boolean): Promise<void> {
  return vi.waitFor(
    () => {
      if (!condition()) throw new Error(`still waiting for ${condition}`);
    },
    { timeout: 15_000, interval: 5 },
  );
}

/** Connected, and no upgrade under way any more. */
export async function settled(socket: Socket, mode: Pick<Mode, "settles">): Promise<Socket> {
  await connected(socket);
  await until(() => socket.io.engine?.transport.name === mode.settles);
  return socket;
}

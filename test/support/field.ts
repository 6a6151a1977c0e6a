/** Helpers of the field tests (test/integration/field-*.test.ts). To extend: only what two of those files need. */
import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { io as developmentIo } from "../../src/development.js";
import type { NetworkEvent, NetworkSignals, Socket, TautlineError } from "../../src/index.js";
import { type ClientOptions, next, type Mode } from "./harness.js";
import {
  startWebSocketServer,
  type RunningSocketIo,
  type RunningWebSocketServer,
} from "./servers.js";

/**
 * An answer, or the code of what went wrong: "pending" when it settles within the deadline in neither way. A shorter deadline is
 * for what never settles, or does so without the network.
 */
export function outcome(asked: () => unknown, deadline = 15_000): Promise<unknown> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve("pending"), deadline);
    const settle = (value: unknown): void => {
      clearTimeout(timer);
      resolve(value);
    };
    const fail = (error: TautlineError): void => settle(error.code ?? error);
    try {
      Promise.resolve(asked()).then(settle, fail);
    } catch (error) {
      fail(error as TautlineError);
    }
  });
}

/**
 * Only the client may lose patience: it is told a `pingTimeout`, and the server has its own. Otherwise a server of this process,
 * whose timers come first after a pause of the machine, could close the connection before the client finds it dead.
 */
export function announcePingTimeout({ io }: RunningSocketIo, ms: number): void {
  const { engine } = io;
  const own = engine.opts.pingTimeout;
  const generateId = engine.generateId.bind(engine);
  engine.generateId = (request) => {
    engine.opts.pingTimeout = ms;
    return generateId(request);
  };
  // it has sent its handshake
  engine.on("connection", () => Object.assign(engine.opts, { pingTimeout: own }));
}

/** Time in which this process ran: a pause of the machine counts for no more than 20 ms. */
export async function running(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 20)
    await new Promise((resolve) => setTimeout(resolve, Math.min(left, 20)));
}

/** The code of what a call throws; undefined when it throws nothing. */
export function thrownBy(call: () => unknown): unknown {
  try {
    call();
    return undefined;
  } catch (error) {
    return (error as TautlineError).code ?? error;
  }
}

/** Every reason for which the connection under a socket, or the socket, was lost. */
export function lossesOf(socket: Socket): unknown[] {
  const losses: unknown[] = [];
  socket.io.on("close", (reason) => losses.push(reason));
  return losses;
}

/** How long a socket's delays before its reconnects are, one after the other. */
export function delaysOf(socket: Socket): number[] {
  const delays: number[] = [];
  socket.io.on("state", (state, _old, _why, _attempt, delay) => {
    if (state === "waiting") delays.push(delay ?? NaN);
  });
  return delays;
}

/** A global of the host, until the test ends; undefined takes it away. */
export function stubGlobal(name: string, value: unknown): void {
  const before = Object.getOwnPropertyDescriptor(globalThis, name);
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  onTestFinished(() => {
    if (before) Object.defineProperty(globalThis, name, before);
    else Reflect.deleteProperty(globalThis, name);
  });
}

/** What the app's callbacks threw, instead of an uncaught exception. */
export function catchReported(): unknown[] {
  const reported: unknown[] = [];
  stubGlobal("reportError", (error: unknown) => reported.push(error));
  return reported;
}

/** What would have ended the process, until the test ends: with a server in it, that server's crash. */
export function catchCrashes(): unknown[] {
  const crashes: unknown[] = [];
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    const before = process.listeners(event as "uncaughtException");
    process.removeAllListeners(event);
    process.on(event, (error: unknown) => crashes.push(error));
    onTestFinished(() => {
      process.removeAllListeners(event);
      for (const listener of before) process.on(event as "uncaughtException", listener);
    });
  }
  return crashes;
}

/** Signals of the host that the test gives by itself. */
export class ManualSignals implements NetworkSignals {
  private readonly _listeners = new Set<(event: NetworkEvent) => void>();

  subscribe(listener: (event: NetworkEvent) => void): () => void {
    this._listeners.add(listener);
    return () => this._listeners.delete(listener);
  }

  give(event: NetworkEvent): void {
    for (const listener of [...this._listeners]) listener(event);
  }
}

/** A browser's WebSocket doesn't say why it failed, nor with which status. */
export class BlindWebSocket extends WebSocket {
  override emit(event: string | symbol, ...args: any[]): boolean {
    if (event === "error") return super.emit("error", new Error("failed"));
    return super.emit(event, ...args);
  }
}

/** The mode with one more option for WebSocket. */
export function withWebSocket(mode: Pick<Mode, "options">, WebSocketClass: unknown) {
  return {
    ...mode.options,
    transportOptions: { websocket: { WebSocket: WebSocketClass as never } },
  };
}

export const OPEN_PACKET = `0${JSON.stringify({
  sid: "s",
  upgrades: [],
  pingInterval: 25_000,
  pingTimeout: 20_000,
  maxPayload: 1e6,
})}`;

/** A server of one's own: it shakes hands over WebSocket, and `answer` does the rest, frame by frame. */
export function startScriptedServer(
  answer: (frame: string, say: (...frames: string[]) => void, end: () => void) => void,
): Promise<RunningWebSocketServer> {
  return startWebSocketServer((far) => {
    far.send(OPEN_PACKET);
    far.on("message", (data: Buffer) => {
      answer(
        data.toString(),
        (...frames) => frames.forEach((frame) => far.send(frame)),
        () => far.close(),
      );
    });
  });
}

/** A client as an app has it while it is developed: it explains its errors. */
export function explainingClient(url: string, options: ClientOptions): Socket {
  const socket = developmentIo(url, { forceNew: true, ...options });
  onTestFinished(() => {
    socket.disconnect();
    socket.io._close();
  });
  return socket as unknown as Socket;
}

/** The error of the next failed try to connect. */
export async function nextError(socket: Socket): Promise<TautlineError> {
  const [error] = await next(socket, "connect_error");
  return error as TautlineError;
}

/** Whatever the server's side refuses as a bad request, in words. */
export function badRequestsOf(io: { engine: { on(...args: any[]): unknown } }): unknown[] {
  const bad: unknown[] = [];
  io.engine.on("connection_error", (error: { message: string; context: unknown }) => {
    bad.push([error.message, error.context]);
  });
  return bad;
}

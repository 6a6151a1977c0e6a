/**
 * A socket over a fake line, with the delivery policies that a manager would give it. To extend: what only some tests
 * need stays in those tests.
 */
import { createRetries } from "../../src/delivery/retries.js";
import { TautlineError } from "../../src/errors.js";
import { Socket } from "../../src/socket/socket.js";
import type { SocketOptions } from "../../src/socket/socket-options.js";
import { FakeLine } from "./fake-line.js";

export interface LineSocket {
  line: FakeLine;
  socket: Socket;
  /** What the socket's own events said. */
  log: string[];
}

/** A socket that was never asked to connect. */
export function lineSocket(options: SocketOptions = {}, nsp = "/"): LineSocket {
  const line = new FakeLine();
  const { delivery, retries } = options;
  const socket = new Socket(undefined, line, nsp, options, (host) => {
    const policy = delivery?.createPolicy(host);
    return retries ? createRetries(host, retries, policy) : policy;
  });
  const log: string[] = [];
  socket.on("connect", () => log.push("connect"));
  socket.on("connect_error", (error) => log.push(`connect_error ${error.code}`));
  socket.on("disconnect", (reason) => log.push(`disconnect ${reason}`));
  return { line, socket, log };
}

/** One that is connected, and of which nothing has been told yet. */
export function connectedSocket(options: SocketOptions = {}, nsp = "/"): LineSocket {
  const made = lineSocket(options, nsp);
  made.socket.connect();
  made.line.open().accept();
  made.line.told();
  made.log.length = 0;
  return made;
}

/** The events among what was sent: what isn't a probe, nor of the protocol. */
export function events(told: unknown[]): string[] {
  return told.filter((frame): frame is string => typeof frame === "string" && frame[0] === "2");
}

function inWords(value: unknown): unknown {
  if (!(value instanceof TautlineError)) return value;
  return value.delivery ? `${value.code} ${value.delivery}` : value.code;
}

/** What an ack was called with, errors in words. */
export function told(args: unknown[]): unknown[] {
  return args.map(inWords);
}

/** How a promise settles: ["ok", value], or the error in words. */
export function outcome(promise: Promise<unknown>): Promise<unknown> {
  return promise.then((value) => ["ok", value], inWords);
}

/** How a promise stands now: its outcome, or "pending". */
export function standing(promise: Promise<unknown>): Promise<unknown> {
  return Promise.race([outcome(promise), afterTicks(20).then(() => "pending")]);
}

async function afterTicks(ticks: number): Promise<void> {
  for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
}

/**
 * The client as the model uses it: the only module of the model that names functions and options which a release may
 * change. To extend: add a function here, and call nothing of the client's elsewhere but emit, emitWithAck, connect,
 * disconnect, the views (timeout, ttl, key, signal, volatile) and the properties that socket.io-client has too.
 */
import { atLeastOnce, exactlyOnce, flush as flushSocket } from "../../src/delivery/index.js";
import { type BufferOptions, Manager, type NetworkSignals, type Socket } from "../../src/index.js";
import { events as eventsOf, next as nextOf } from "../../src/reading/index.js";
import type { TautlineError } from "../../src/errors.js";

export type Mode = "at-most-once" | "at-least-once" | "exactly-once";
export type ClientSocket = Socket<any, any, Manager>;
export type { BufferOptions, NetworkEvent } from "../../src/index.js";
export type { Manager };

export interface Waiting {
  timeout?: number;
  signal?: AbortSignal;
}

/** A manager with the periods of the model, which does nothing yet. */
export function openManager(
  transports: ("websocket" | "polling")[],
  network: NetworkSignals,
  attempts: number | undefined,
): Manager {
  return new Manager("http://model.test", {
    transports,
    network,
    reconnectionDelay: 30,
    reconnectionDelayMax: 300,
    ...(attempts !== undefined && { reconnectionAttempts: attempts }),
    timeout: 1500,
    probeTimeout: 300,
    minUptime: 400,
    autoConnect: false,
  });
}

export interface SocketSetup {
  mode: Mode;
  buffer?: BufferOptions;
  retries?: number;
  ackTimeout?: number;
}

const policies = {
  "at-most-once": () => undefined,
  "at-least-once": atLeastOnce,
  "exactly-once": exactlyOnce,
};

export function openSocket(manager: Manager, nsp: string, setup: SocketSetup): ClientSocket {
  const { mode, ...options } = setup;
  const delivery = policies[mode]();
  return manager.socket(nsp, { ...options, ...(delivery && { delivery }) }) as ClientSocket;
}

export function flush(socket: ClientSocket, options: Waiting): Promise<void> {
  return flushSocket(socket, options);
}

export function next(socket: ClientSocket, name: string, options: Waiting): Promise<unknown[]> {
  return nextOf(socket, name, options);
}

export function events(socket: ClientSocket, name: string): AsyncIterator<unknown[]> {
  return eventsOf(socket, name);
}

/** Tells of packets that were dropped: with the packet's event and arguments. */
export function onDrop(
  sockets: ClientSocket[],
  listener: (socket: ClientSocket, error: TautlineError, data: unknown[]) => void,
): void {
  sockets[0]?.io.on("drop", (error, packet) => {
    const socket = sockets.find(({ nsp }) => nsp === packet.nsp);
    if (socket) listener(socket, error, packet.data as unknown[]);
  });
}

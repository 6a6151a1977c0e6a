/**
 * The client as the model uses it: the only module of the model that names functions and options which a release may
 * change. To extend: add a function here, and call nothing of the client's elsewhere but emit, emitWithAck, connect,
 * disconnect, the views (timeout, ttl, key, signal, volatile) and the properties that socket.io-client has too.
 */
import { type BufferOptions, Manager, type NetworkSignals, type Socket } from "../../src/index.js";
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

export function openSocket(manager: Manager, nsp: string, setup: SocketSetup): ClientSocket {
  const { mode, ...options } = setup;
  return manager.socket(nsp, { ...options, delivery: mode });
}

export function flush(socket: ClientSocket, options: Waiting): Promise<void> {
  return socket.flush(options);
}

export function next(socket: ClientSocket, name: string, options: Waiting): Promise<unknown[]> {
  return socket.next(name, options);
}

export function events(socket: ClientSocket, name: string): AsyncIterator<unknown[]> {
  return socket.events(name);
}

/** Tells of packets that were dropped: with the packet's event and arguments. */
export function onDrop(
  sockets: ClientSocket[],
  listener: (socket: ClientSocket, error: TautlineError, data: unknown[]) => void,
): void {
  for (const socket of sockets)
    for (const event of ["overflow", "expired"] as const)
      socket.on(event, (error: TautlineError, ...data: unknown[]) => listener(socket, error, data));
}

/**
 * What the field tests use of the public API besides `io`: all of it behind one file, so that they name each part in
 * one way. To extend: add a name, and no test imports the part itself.
 */
import type {
  EventReader,
  Manager,
  ManagerStats,
  Socket,
  SocketPacket,
  TautlineError,
} from "../../src/index.js";
import type { ClientOptions } from "./harness.js";

/** The value of the option `delivery`. */
export type Delivery = NonNullable<ClientOptions["delivery"]>;

export function atLeastOnce(): Delivery {
  return "at-least-once";
}

export function exactlyOnce(): Delivery {
  return "exactly-once";
}

/** Sends each packet again until it is acknowledged. */
export function retrying(retries: number, ackTimeout: number): ClientOptions {
  return { retries, ackTimeout };
}

/** How many attachments a packet may have, in both directions. */
export function attachments(most: number): ClientOptions {
  return { maxAttachments: most } as ClientOptions;
}

interface Waiting {
  timeout?: number;
  signal?: AbortSignal;
}

export function flush(socket: Socket, options?: Waiting): Promise<void> {
  return socket.flush(options);
}

export function drained(socket: Socket, options?: { below?: number }): Promise<void> {
  return socket.drained(options);
}

export function events(socket: Socket, name: string): EventReader<any[]> {
  return socket.events(name);
}

export function nextEvent(socket: Socket, name: string, options?: Waiting): Promise<any[]> {
  return socket.next(name, options);
}

export function stats(manager: Manager): ManagerStats {
  return manager.stats();
}

export function rtt(manager: Manager): Promise<number> {
  return manager.rtt();
}

/** Calls the listener for each packet that is dropped while it waits: "overflow" or "expired". */
export function onDrop(
  socket: Socket,
  listener: (error: TautlineError, packet: Pick<SocketPacket, "data">) => void,
): void {
  for (const event of ["overflow", "expired"] as const)
    socket.on(event, (error: TautlineError, ...data: unknown[]) => listener(error, { data }));
}

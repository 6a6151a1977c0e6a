import { listenTo } from "../platform/browser.js";
import type { Cancel } from "../platform/platform.js";
import { outcome } from "../pipeline/outcomes.js";
import type { TautlineError } from "../errors.js";
import type { Answer, Frame, Peer, Reply } from "./frames.js";
import type { Side } from "./side.js";

/**
 * A socket of Tautline or socket.io-client, or what `overWebSocket()` makes of a WebSocket: what has these methods, whatever
 * its events.
 */
export interface StreamSocket {
  readonly connected: boolean;
  on(...args: never[]): unknown;
  off(...args: never[]): unknown;
  emit(...args: never[]): unknown;
  timeout(ms: number): unknown;
}

/** The same, as it is used here. */
interface Port {
  readonly connected: boolean;
  readonly active?: boolean;
  readonly channel?: { whenOver(ended: (cause?: unknown) => void): Cancel };
  on(event: string, listener: (...args: never[]) => void): unknown;
  off(event: string, listener: (...args: never[]) => void): unknown;
  emit(event: string, ...args: unknown[]): unknown;
  clearBuffer?(filter: (packet: { data: unknown[] }) => boolean): unknown;
  timeout(ms: number): Port;
}

/** What all kinds of streams take. */
export interface FollowOptions {
  /** Aborts it on both sides: error code `aborted`. */
  signal?: AbortSignal | undefined;
  /** False: it ends with `disconnected` when the connection is lost. @default true */
  resume?: boolean | undefined;
  /** Names the stream: keep it, to go on after a reload. It is as good as a password. @default a random one */
  id?: string | undefined;
  /** Milliseconds that the server has to answer the opening (error code `ack-timeout`); 0 and Infinity: no limit. @default 20000 */
  timeout?: number | undefined;
  /**
   * Milliseconds that the server has for what was sent to it (error code `ack-timeout`). A server that handles it slowly answers
   * late. 0 and Infinity: no limit.
   *
   * @default none
   */
  idleTimeout?: number | undefined;
}

/** No host has longer timers. */
const FOREVER = 2 ** 31 - 1;
const noReply: Reply = () => {};

/** Leads a stream from connection to connection of a client's socket. */
export function follow(
  client: StreamSocket,
  event: string,
  id: string,
  side: Side & { readonly isComplete?: boolean },
  announce: () => object,
  { signal, resume = true, timeout = 20_000, idleTimeout = FOREVER }: FollowOptions,
  ended: (error?: TautlineError) => void = noReply as () => void,
): void {
  const socket = client as unknown as Port;
  let stay: object | undefined;
  const up = (): void => {
    if (side.isComplete) return;
    const here = (stay = {});
    const send = (frame: object, ms: number, answered?: (answer: Answer) => void): void => {
      const done = (error: TautlineError | null, answer: unknown): void => {
        if (here !== stay) return;
        if (!error) answered?.(Object(answer) as Answer);
        // a connection that is lost: it is about to be heard of
        else if (!/disconnect/.test(error.message))
          side.end(error.code ? error : outcome("ack-timeout", undefined, error));
      };
      const packet = { id, ...frame };
      try {
        if (answered) socket.timeout(Math.min(ms || FOREVER, FOREVER)).emit(event, packet, done);
        // it may wait for the next connection
        else socket.emit(event, packet);
      } catch (error) {
        side.end(error as TautlineError);
      }
    };
    const peer: Peer = { send: (frame, answered) => send(frame, idleTimeout, answered) };
    side.ask(peer);
    send(announce(), timeout, (answer) => side.bind(peer, answer));
  };
  const over = (cause?: unknown): void =>
    side.end(outcome("disconnected", undefined, cause), false);
  const down = (): void => {
    stay = undefined;
    // what still waits for the connection, the stream sends again by itself
    socket.clearBuffer?.(
      ({ data: [name, frame] }) => name === event && (frame as Frame)?.id === id,
    );
    side.lose();
    if (!resume || socket.active === false) over();
  };
  const hear = (frame: Frame | null | undefined, reply: unknown): void => {
    if (frame?.id === id)
      side.hear(frame, typeof reply === "function" ? (reply as Reply) : noReply);
  };
  const undo: Cancel[] = [];
  const listen = (name: string, listener: (...args: never[]) => void): void => {
    socket.on(name, listener);
    undo.push(() => socket.off(name, listener));
  };
  side.onEnd = (error) => {
    for (const stop of undo.splice(0)) stop();
    stay = undefined;
    ended(error);
  };
  listen("connect", up);
  listen("disconnect", down);
  // refused, and no further try
  listen("connect_error", (cause?: unknown) => socket.active === false && over(cause));
  listen(event, hear);
  const abort = (): void => side.end(outcome("aborted", undefined, signal?.reason));
  undo.push(listenTo(signal, "abort", abort));
  if (socket.connected) up();
  if (signal?.aborted) abort();
  else if (socket.channel) undo.push(socket.channel.whenOver(over));
}

import { call, quote, TautlineError } from "../errors.js";
import { Vigil } from "../connection/vigil.js";
import type { Cancel, NetworkSignals, Timers } from "../platform/platform.js";
import { checkNumber } from "./check-options.js";
import type { WebSocketState } from "./websocket-table.js";

/** Asks the server whether it is alive, on servers that answer messages. */
export interface HeartbeatOptions {
  /** What to send, as it is, past the codec. A function is called each time. */
  message: string | ArrayBufferLike | ArrayBufferView | Blob | (() => unknown);
  /** Milliseconds between two questions. @default 30000 */
  interval?: number;
  /** Milliseconds that the server has for its answer. Without one the connection is dropped. @default 5000 */
  timeout?: number;
  /**
   * Whether this message, as it was received, is an answer. Answers are not handed to the app.
   *
   * @default every message counts as an answer, and is handed to the app
   */
  isAnswer?: (data: unknown) => boolean;
}

/** What a watch needs of the WebSocket that it watches. */
export interface WatchedSocket {
  readonly timers: Timers;
  /** Sends past the codec. */
  send(data: unknown): void;
  /** Ends waiting. */
  retry(): void;
  /** The connection is dead: another one is needed. */
  lose(why: string): void;
}

/** Watches a WebSocket: listens to the host's signals, and asks whether the server is alive. */
export interface Watch {
  readonly isOffline: boolean;
  /** The WebSocket has entered this state. */
  entered(state: WebSocketState): void;
  /** A message has come in. @returns whether it is for the app */
  heard(data: unknown): boolean;
}

export interface WatchOptions {
  /** Where signals of the network and of the page's life come from; false: from nowhere. @default the browser's own */
  network?: NetworkSignals | false;
  /** Asks whether the server is alive, at intervals and when the page wakes. @default none */
  heartbeat?: HeartbeatOptions;
}

/** The value of the `watch` option. */
export type WatchPart = (watched: WatchedSocket) => Watch;

/**
 * Makes the `watch` of a `ReconnectingWebSocket`: it ends waiting when the network is back or the page wakes, and asks the
 * server whether it is alive.
 *
 * @throws TautlineError `invalid-option`
 * @example new ReconnectingWebSocket(url, { watch: watch({ heartbeat: { message: "ping" } }) })
 */
export function watch({ network, heartbeat }: WatchOptions = {}): WatchPart {
  const { interval, timeout, message, isAnswer } = heartbeat ?? {};
  if (network && typeof network.subscribe !== "function") throw wrong("network", network);
  checkNumber("interval", interval ?? 1, 1);
  checkNumber("timeout", timeout ?? 1, 1);
  if (heartbeat && message == null) throw wrong("message", message);
  if (isAnswer != null && typeof isAnswer !== "function") throw wrong("isAnswer", isAnswer);
  return (watched) => watchOver(network, heartbeat, watched);
}

function watchOver(
  network: NetworkSignals | false | undefined,
  heartbeat: HeartbeatOptions | undefined,
  { timers, send, retry, lose }: WatchedSocket,
): Watch {
  const isAnswer = heartbeat?.isAnswer;
  const probeTimeout = heartbeat?.timeout ?? 5000;
  const watched = {
    timers,
    isOpen: false,
    heard: 0,
    probeTimeout,
    probe() {
      const message = heartbeat?.message;
      call(() => send(typeof message === "function" ? message() : message), undefined, []);
    },
    wake: retry,
    networkChanged() {},
    networkLost() {},
    sleep: () => lose("the page was put away"),
    prove() {},
    silent: () => lose(`no answer to the heartbeat in ${probeTimeout} ms`),
  };
  const vigil = new Vigil(network, watched);
  let cancel: Cancel | undefined;
  const beat = (interval: number): void => {
    cancel = timers.after(interval, () => {
      beat(interval);
      vigil.doubt();
    });
  };
  return {
    get isOffline() {
      return vigil.isOffline;
    },
    entered(state) {
      watched.isOpen = !!heartbeat && state === "open";
      cancel?.();
      vigil.rest();
      if (state === "closed") vigil.stop();
      else vigil.start();
      if (heartbeat && watched.isOpen) beat(heartbeat.interval ?? 30_000);
    },
    heard(data) {
      let isForApp = true;
      if (isAnswer)
        call(
          () => {
            isForApp = !isAnswer(data);
          },
          undefined,
          [],
        );
      if (!isAnswer || !isForApp) watched.heard++;
      return isForApp;
    },
  };
}

function wrong(name: string, value: unknown): TautlineError {
  return new TautlineError("invalid-option", `watch(): \`${name}\` can't be ${quote(value)}`);
}

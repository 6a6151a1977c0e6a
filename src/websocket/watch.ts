import { call } from "../errors.js";
import { Vigil } from "../connection/vigil.js";
import type { Cancel, NetworkSignals, Timers } from "../platform/platform.js";
import type { HeartbeatOptions } from "./options.js";
import type { WebSocketState } from "./websocket-table.js";

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

/** Watches over a WebSocket: listens to the host's signals, and asks whether the server is alive. */
export interface Watch {
  readonly isOffline: boolean;
  /** The WebSocket has come into this state. */
  entered(state: WebSocketState): void;
  /** A message has come in. @returns whether it is for the app */
  heard(data: unknown): boolean;
}

export interface WatchOptions {
  network?: NetworkSignals | false | undefined;
  heartbeat?: HeartbeatOptions | undefined;
}

/** The part that brings `network` and `heartbeat`. */
export type WatchPart = (options: WatchOptions, watched: WatchedSocket) => Watch;

/**
 * The part of a `ReconnectingWebSocket` that ends waiting when the network is back or the page wakes, and that asks the
 * server whether it is alive.
 *
 * @example new ReconnectingWebSocket(url, { signals, heartbeat: { message: "ping" } })
 */
export const signals: WatchPart = ({ network, heartbeat }, { timers, send, retry, lose }) => {
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
};

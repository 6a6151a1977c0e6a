import { useEffect, useInsertionEffect, useMemo, useRef, useState } from "react";
import { checkOption } from "../options/check-options.js";
import { isServer } from "../platform/browser.js";
import { formatQuery } from "../url.js";
import { checkNumber } from "../websocket/check-options.js";
import type { StateEvent, WebSocketCloseEvent, WebSocketErrorEvent } from "../websocket/events.js";
import type { WebSocketData } from "../websocket/options.js";
import { type ReconnectingWebSocket } from "../websocket/reconnecting-websocket.js";
import { createLease, type Lease, leaseOf } from "../adapters/leases.js";
import { numberOf, optionKey } from "../adapters/option-key.js";
import { useEarlyEffect } from "./use-early-effect.js";
import { useKept } from "./use-kept.js";
import { useLatest } from "./use-latest.js";
import { useSource } from "./use-socket-event.js";
import { useTracked } from "./use-tracked.js";
import type { UseWebSocketOptions } from "./use-web-socket-options.js";
import {
  createWire,
  UNINSTANTIATED,
  unknownOf,
  viewOf,
  type WebSocketView,
  type Wire,
} from "./web-socket.js";

/** What {@link useWebSocket} gives. A component is rendered again only for what it has read of it. */
export interface UseWebSocketResult<T> extends Readonly<WebSocketView> {
  /** The last message as JSON: null before the first, an empty object for what is no JSON. */
  readonly lastJsonMessage: T;
  /** @param keep - false: drop it rather than let it wait for a connection. @default true */
  sendMessage(message: WebSocketData, keep?: boolean): void;
  sendJsonMessage<M = unknown>(message: M, keep?: boolean): void;
  getWebSocket(): ReconnectingWebSocket | null;
  /** Connects again after {@link disconnect}, or after the attempts were used up. */
  connect(): void;
  /** Closes it, for all who share it, until somebody calls `connect()`. */
  disconnect(code?: number, reason?: string): void;
}

const NUMBERS = ["reconnectInterval", "reconnectAttempts"] as const;
const NO_JSON = {};
const parsed = /* @__PURE__ */ new WeakMap<MessageEvent, unknown>();

function jsonOf(message: MessageEvent): unknown {
  if (!parsed.has(message))
    try {
      parsed.set(message, JSON.parse(message.data as string));
    } catch {
      parsed.set(message, NO_JSON);
    }
  return parsed.get(message);
}

/**
 * A WebSocket of any server, that reconnects: see docs/react.md.
 *
 * @param url - or a function that is asked before each try: keep it the same from render to render; null, undefined, "": none
 * @param connect - false: not now
 * @throws what the host's WebSocket throws for a bad address; TautlineError `invalid-option`
 */
export function useWebSocket<T = unknown>(
  url: string | (() => string | Promise<string>) | null | undefined,
  options: UseWebSocketOptions = {},
  connect = true,
): UseWebSocketResult<T> {
  const { share, queryParams, protocols, linger } = options;
  checkOption("linger", linger);
  for (const name of NUMBERS) {
    const value = options[name];
    if (value != null && typeof value !== "function") checkNumber(name, value);
  }
  const address = typeof url === "function" ? numberOf(url) : url;
  const key = address ? optionKey([address, queryParams, protocols]) : "";
  const latest = useLatest(options);
  const lease = useKept(() => {
    if (!url) return;
    const query = queryParams ? formatQuery(queryParams) : "";
    const make = (): Wire => createWire(url, query, options);
    return share && !isServer() ? leaseOf(`ws ${key}`, make) : createLease(make);
  }, [key, share]);
  const wire = lease?.value;
  const ws = wire?.ws;
  useInsertionEffect(() => {
    if (wire) wire.settings = options;
  });

  const [wanted, want] = useState<Lease<Wire>>();
  const isWanted = connect || (!!lease && wanted === lease);
  const view = useKept(() => wire && viewOf(wire, latest), [wire, latest]);
  const unknown = wire ? unknownOf(wire, isWanted) : UNINSTANTIATED;

  useSource(ws, "open", (event) => options.onOpen?.(event as Event));
  useSource(ws, "message", (event) => options.onMessage?.(event as MessageEvent));
  useSource(ws, "error", (event) => options.onError?.(event as WebSocketErrorEvent));
  const isStopped = useRef(false);
  useSource(ws, "state", (event) => {
    const { state, old } = event as StateEvent;
    isStopped.current =
      state === "closed" &&
      old !== "closing" &&
      (ws as ReconnectingWebSocket).retryCount >= (options.reconnectAttempts ?? Infinity);
  });
  useSource(ws, "close", (event) => {
    options.onClose?.(event as WebSocketCloseEvent);
    if (isStopped.current) options.onReconnectStop?.(options.reconnectAttempts as number);
  });

  // what waits for a connection goes along to the next address
  const waiting = useRef<{ ws?: ReconnectingWebSocket; messages: WebSocketData[] }>({
    messages: [],
  });
  useEffect(() => {
    if (!ws) return;
    const { ws: last, messages } = waiting.current;
    if (last && last !== ws && !share) messages.push(...last.drainQueuedMessages());
    for (const message of messages.splice(0)) ws.send(message);
    waiting.current.ws = ws;
  }, [ws, share, waiting]);
  useEarlyEffect(() => (isWanted ? lease?.retain(linger) : undefined), [lease, isWanted, linger]);

  const actions = useMemo(() => {
    const sendMessage = (message: WebSocketData, keep = true): void => {
      if (!keep && ws?.readyState !== 1) return;
      if (ws) ws.send(message);
      else waiting.current.messages.push(message);
    };
    return {
      sendMessage,
      sendJsonMessage: (message: unknown, keep?: boolean) =>
        sendMessage(JSON.stringify(message), keep),
      getWebSocket: () => ws ?? null,
      connect() {
        want(lease);
        // no component holds it yet, or any more
        if (lease && !lease.isIdle()) lease.value.open();
      },
      disconnect(code?: number, reason?: string) {
        want(undefined);
        ws?.close(code, reason);
      },
    };
  }, [ws, lease, waiting]);
  const result = {
    ...actions,
    get lastJsonMessage() {
      const { lastMessage } = result as UseWebSocketResult<T>;
      return (lastMessage && !options.disableJson ? jsonOf(lastMessage) : null) as T;
    },
  };
  return useTracked(isWanted ? view : undefined, unknown, result);
}

import { host } from "../platform/browser.js";
import type { WebSocketClass } from "../platform/platform.js";
import { parseHandshake } from "../protocol/handshake.js";
import { ABSENT_PACKET, type Asking, isOfAbsent, LATE, type Welcome, welcomeIn } from "./asking.js";

/** How far a WebSocket got, from the least to the most. */
export type WebSocketStage =
  /** The host has no class for it, or the class throws. */
  | "impossible"
  /** Closed before it was open. */
  | "refused"
  /** Neither open nor closed when the time was over. */
  | "hanging"
  /** Open, and closed before a message arrived. */
  | "dropped"
  /** Open, and no message arrived. */
  | "mute"
  /** The first message is not an Engine.IO 4 handshake. */
  | "foreign"
  /** A handshake arrived, and no answer to CONNECT. */
  | "deaf"
  /** CONNECT was answered. */
  | "working";

export interface WebSocketFindings {
  readonly stage: WebSocketStage;
  /** Close code, if it was closed. */
  readonly code?: number;
  /** Milliseconds until it was known. */
  readonly ms: number;
  /** Milliseconds until it was open. */
  readonly openMs?: number;
  /** The server answers, but not to CONNECT. */
  readonly isHeard?: boolean;
  /** The server is Socket.IO 2 or older. */
  readonly isOld?: boolean;
  readonly welcome?: Welcome;
  readonly cause?: unknown;
}

/** Opens a session over WebSocket, as a client does, and closes it. */
export function checkWebSocket(
  asking: Asking,
  Class: WebSocketClass | undefined = host.WebSocket,
): Promise<WebSocketFindings> {
  const { timers, signal } = asking;
  const startedAt = timers.now();
  return new Promise((resolve) => {
    let stage: WebSocketStage = Class ? "hanging" : "impossible";
    let socket: InstanceType<WebSocketClass> | undefined;
    let openMs: number | undefined;
    let isHeard = false;
    let late = (): void => {};
    const end = (more: Partial<WebSocketFindings> = {}): void => {
      signal.removeEventListener("abort", timedOut);
      late();
      if (socket) socket.onopen = socket.onmessage = socket.onclose = null;
      try {
        socket?.close();
      } catch {
        // a class of the app
      }
      resolve({
        stage,
        ms: Math.round(timers.now() - startedAt),
        ...(openMs !== undefined && { openMs }),
        isHeard,
        ...more,
      });
    };
    const timedOut = (): void => end();
    if (!Class || signal.aborted) return end();
    signal.addEventListener("abort", timedOut);
    try {
      socket = new Class(asking.address("ws", "websocket"));
    } catch (cause) {
      stage = "impossible";
      return end({ cause });
    }
    const open = socket;
    open.onopen = () => {
      stage = "mute";
      openMs = timers.now() - startedAt;
    };
    // without a listener, the class of ws throws
    open.onerror = () => {};
    open.onclose = (event: { code?: number }) => {
      if (stage === "hanging") stage = "refused";
      else if (stage === "mute") stage = "dropped";
      end({ ...(event.code !== undefined && { code: event.code }) });
    };
    open.onmessage = ({ data }: { data: unknown }) => {
      const text = typeof data === "string" ? data : "";
      if (stage === "deaf") {
        if (isOfAbsent(text)) {
          isHeard = true;
          return;
        }
        const welcome = welcomeIn(text);
        if (!welcome) return;
        stage = "working";
        return end({ welcome, isOld: welcome.kind === "old" });
      }
      try {
        parseHandshake(text);
      } catch (error) {
        stage = "foreign";
        return end({ isOld: (error as { code?: string }).code === "unsupported-version" });
      }
      stage = "deaf";
      open.send(asking.connectPacket);
      late = timers.after(LATE, () => open.send(ABSENT_PACKET));
    };
  });
}

/** Undoes what was started; calling it again does nothing. */
export type Cancel = () => void;

/** The host's timers and clock, looked up when used, so that fake timers and polyfills count. */
export interface Timers {
  /** Milliseconds on a monotonic clock that is never behind these timers: not to be compared with any other clock. */
  now(): number;
  /** Runs `task` once after `ms` milliseconds. */
  after(ms: number, task: () => void): Cancel;
}

/** What the host reports about its network and the page's life cycle; see docs/reconnection.md. */
export type NetworkEvent = "online" | "offline" | "wake" | "sleep" | "networkchange";

/** Tells a Manager when to stop waiting, and when to check its connection. */
export interface NetworkSignals {
  /** Calls `listener` from now on; returns what ends that. */
  subscribe(listener: (event: NetworkEvent) => void): Cancel;
}

/** The part of the Web Locks API that is used. */
export interface TabLocks {
  request(
    name: string,
    options: { mode?: "exclusive" | "shared"; steal?: boolean; signal?: AbortSignal },
    granted: () => unknown,
  ): Promise<unknown>;
  query(): Promise<{ held?: { name?: string }[] }>;
}

/* eslint-disable @typescript-eslint/no-explicit-any -- every host types its events in its own way */

/** One end of a line between tabs: a BroadcastChannel that two of them have opened, a MessagePort, or a pipe. */
export interface TabPort {
  onmessage: ((event: any) => void) | null;
  postMessage(message: unknown, transfer?: Transferable[]): void;
  close(): void;
}

/** The part of the WebSocket interface that is used, in browsers, React Native and Node. */
export interface WebSocketLike {
  binaryType: string;
  readonly readyState: number;
  readonly bufferedAmount?: number;
  readonly url?: string;
  readonly protocol?: string;
  readonly extensions?: string;
  onopen: ((event: any) => void) | null;
  onmessage: ((event: any) => void) | null;
  onerror: ((event: any) => void) | null;
  onclose: ((event: any) => void) | null;
  send(data: any): void;
  close(code?: number, reason?: string): void;
}

/** A WebSocket class; the third argument exists where headers can be set (React Native, `ws`). */
export type WebSocketClass = new (
  url: string,
  protocols?: string | string[],
  options?: { headers: Record<string, string> },
) => WebSocketLike;

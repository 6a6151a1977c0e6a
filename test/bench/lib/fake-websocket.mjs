/**
 * A WebSocket without a network, so that what is measured is the client alone.
 *
 * It answers the handshake of an Engine.IO session (and any namespace's CONNECT) by itself until `settle()`
 * is called; from then on it only counts what is sent, and the harness plays the server with `deliver()`.
 * Extend it by handing another `answer` function: (frame, fake) => void.
 */
export class FakeWebSocket {
  static CONNECTING = 0;
  static OPEN = 1;
  static CLOSING = 2;
  static CLOSED = 3;
  /** Every instance, oldest first; a case that makes thousands empties it. */
  static instances = [];
  /** What new instances do with what they are sent before `settle()`. */
  static answer = answerHandshake;
  /** Options put into the engine's handshake. */
  static handshake = { pingInterval: 1e8, pingTimeout: 1e8, maxPayload: 1e6 };

  static latest() {
    return FakeWebSocket.instances.at(-1);
  }

  CONNECTING = 0;
  OPEN = 1;
  CLOSING = 2;
  CLOSED = 3;
  readyState = 0;
  bufferedAmount = 0;
  binaryType = "blob";
  protocol = "";
  extensions = "";
  onopen = null;
  onmessage = null;
  onerror = null;
  onclose = null;
  sent = 0;
  last = undefined;
  #answer;
  #listeners = undefined;

  constructor(url) {
    this.url = String(url);
    this.#answer = FakeWebSocket.answer;
    FakeWebSocket.instances.push(this);
    queueMicrotask(() => {
      if (this.readyState !== 0) return;
      this.readyState = 1;
      this.#fire("open", {});
      this.deliver(
        `0${JSON.stringify({ sid: "bench", upgrades: [], ...FakeWebSocket.handshake })}`,
      );
    });
  }

  send(frame) {
    this.sent++;
    this.last = frame;
    if (this.#answer !== undefined) this.#answer(frame, this);
  }

  close(code = 1000, reason = "") {
    if (this.readyState >= 2) return;
    this.readyState = 2;
    queueMicrotask(() => this.drop(code, reason));
  }

  addEventListener(type, listener) {
    this.#listeners ??= { open: [], message: [], error: [], close: [] };
    this.#listeners[type].push(listener);
  }

  removeEventListener(type, listener) {
    if (this.#listeners === undefined) return;
    this.#listeners[type] = this.#listeners[type].filter((known) => known !== listener);
  }

  /** From now on nothing is answered. */
  settle() {
    this.#answer = undefined;
  }

  /** One frame from the server. */
  deliver(data) {
    const event = { data, type: "message", target: this };
    if (this.onmessage !== null) this.onmessage(event);
    if (this.#listeners !== undefined) {
      for (const listener of this.#listeners.message) listener.call(this, event);
    }
  }

  /** The connection ends, as seen from the client. */
  drop(code = 1006, reason = "") {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.#fire("close", { code, reason, wasClean: code === 1000 });
  }

  #fire(type, fields) {
    const event = { type, target: this, ...fields };
    this[`on${type}`]?.(event);
    if (this.#listeners === undefined) return;
    for (const listener of [...this.#listeners[type]]) listener.call(this, event);
  }
}

/** Accepts every namespace. */
export function answerHandshake(frame, fake) {
  if (typeof frame !== "string" || !frame.startsWith("40")) return;
  const namespace = /^40(\/[^,]*,)?/.exec(frame)[1] ?? "";
  queueMicrotask(() => fake.deliver(`40${namespace}{"sid":"bench-socket"}`));
}

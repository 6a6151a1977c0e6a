import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { TautlineError } from "../../src/errors.js";
import { Manager, type SocketReservedEvents } from "../../src/index.js";
import { FrameSource } from "../support/frame-source.js";
import { scriptedTransport } from "../support/scripted-transport.js";
import { WireOracle } from "../support/wire-oracle.js";

const FRAMES = 100_000;
/** A quoted frame is at most 80 characters, each of which may be escaped as six. */
const SANE_LENGTH = 6 * 80 + 120;

const reported = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("fetch", undefined);
  vi.stubGlobal("reportError", reported);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  reported.mockReset();
});

/** A client at a server that is always ready, and what happens to it. */
class Subject {
  readonly closes: { reason: string; details: unknown }[] = [];
  readonly wrong: string[] = [];
  readonly Scripted = scriptedTransport("scripted", {
    played: (transport) => {
      transport.onSent = (frame) => {
        if (typeof frame === "string" && frame.startsWith("40"))
          queueMicrotask(() => this.#welcome());
      };
      queueMicrotask(() => transport.shakeHands());
    },
  });
  readonly manager = new Manager("http://fuzz.test", {
    transports: [this.Scripted],
    reconnectionDelay: 0,
  });
  readonly socket = this.manager.socket("/");

  constructor() {
    this.manager.on("close", (reason, details) => this.closes.push({ reason, details }));
    const check = (name: string, isOwn: (args: unknown[]) => boolean): void => {
      this.socket.on(name as keyof SocketReservedEvents, (...args: unknown[]) => {
        if (!isOwn(args)) this.wrong.push(`${name}(${args.map(String).join()})`);
      });
    };
    check("connect", (args) => args.length === 0);
    check("connect_error", ([error]) => error instanceof TautlineError);
    check(
      "disconnect",
      ([reason]) => typeof reason === "string" && /^(parse error|io |forced)/.test(reason),
    );
    for (const name of ["disconnecting", "newListener", "removeListener"]) check(name, () => false);
  }

  /** Connected again, whatever the last frame has done. */
  async ready(): Promise<void> {
    for (let tries = 0; tries < 3; tries++) {
      if (this.socket.connected && this.Scripted.latest.state === "open") return;
      await vi.advanceTimersByTimeAsync(1);
    }
    // the server sent it away, in an orderly manner
    this.socket.disconnect().connect();
    await vi.advanceTimersByTimeAsync(1);
  }

  #welcome(): void {
    this.Scripted.latest.say('40{"sid":"fuzz"}');
  }
}

describe("A connection fed with garbage", () => {
  it(`closes with "parse error" at each malformed frame of ${FRAMES}, and comes back (PRS-4)`, async () => {
    const subject = new Subject();
    const oracle = new WireOracle();
    const frames = new FrameSource(20261120);
    let malformed = 0;
    for (let count = 0; count < FRAMES; count++) {
      if (!subject.socket.connected || subject.Scripted.latest.state !== "open") {
        await subject.ready();
        oracle.reset();
      }
      expect(subject.socket.connected, "comes back").toBe(true);
      const frame = frames.next();
      const transport = subject.Scripted.latest;
      const { length } = subject.closes;
      try {
        if (typeof frame === "string") transport.sink.text(frame);
        else transport.sink.binary(frame);
      } catch (error) {
        throw new Error(`${JSON.stringify(frame)} threw out of the handler`, { cause: error });
      }
      const shown = typeof frame === "string" ? JSON.stringify(frame) : "(binary)";
      const isMalformed = !oracle.accepts(frame);
      const close = subject.closes[length];
      expect(close?.reason === "parse error", shown).toBe(isMalformed);
      if (!isMalformed) continue;
      malformed++;
      const error = close?.details as TautlineError;
      if (!(error instanceof TautlineError) || error.code !== "parse-error")
        throw new Error(`${shown} closed with ${String(error)}`);
      if (!quotes(error.message, frame))
        throw new Error(`${shown} is not quoted in ${error.message}`);
      expect(error.message.length, shown).toBeLessThan(SANE_LENGTH);
      expect(transport.state, shown).toBe("closed");
      expect(subject.socket.active, shown).toBe(true);
    }
    expect(subject.wrong).toEqual([]);
    expect(reported).not.toHaveBeenCalled();
    // a source of nothing but good frames, or of nothing but noise, would prove little
    expect(malformed).toBeGreaterThan(FRAMES / 4);
    expect(malformed).toBeLessThan((FRAMES * 9) / 10);
    subject.socket.disconnect();
    expect(vi.getTimerCount()).toBe(0);
  }, 120_000);
});

/** Whether a message shows the beginning of a frame; base64 is shown without its "b". */
function quotes(message: string, frame: string | ArrayBuffer): boolean {
  const quoted = /"(?:[^"\\]|\\.)*"/.exec(message)?.[0];
  if (quoted === undefined) return false;
  const text = (JSON.parse(quoted) as string).replace(/\u2026$/, "");
  if (text === "(binary)") return typeof frame !== "string" || frame.startsWith("b");
  if (typeof frame !== "string" || (!text && frame)) return false;
  return frame.startsWith(text) || (frame.startsWith("b") && frame.startsWith(text, 1));
}

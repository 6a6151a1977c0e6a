/**
 * What every transport does, whatever it is made of. Each transport's own test hands in a `TransportCase`: how to make
 * one with somebody at the other end. To extend: add the behaviour here; where a carrier can't have it, say why in a
 * field of `TransportCase`.
 */
import { describe, expect, it, vi } from "vitest";
import { hostTimers } from "../../src/platform/browser.js";
import { decodeBase64 } from "../../src/protocol/base64.js";
import type { EngineFrame } from "../../src/protocol/engine-packet.js";
import type {
  Transport,
  TransportFailure,
  TransportOptions,
  TransportSink,
} from "../../src/transports/transport.js";

export type Frame = string | Uint8Array;

/** The other end of a transport. */
export interface Peer {
  /** What came, in order. */
  readonly frames: Frame[];
  /** True when it knows that the transport has gone. */
  readonly isGone: boolean;
  /** Says this as soon as it can. */
  say(...frames: Frame[]): void;
  /** Ends the connection in an orderly manner. */
  end(): void;
  /** Is not there any more. */
  die(): void;
}

export interface TransportCase {
  name: string;
  /** The words of socket.io-client for a failed connect. */
  failure: string;
  /** What an orderly end looks like: HTTP has none of its own, a refused request is an error. */
  ending: TransportFailure["kind"];
  /** Binary data can be forced into text; not on WebTransport, which is younger than what needs that. */
  hasBase64: boolean;
  /** What was handed over before close() still arrives; a WebTransport drops what the host has not sent yet. */
  keepsLastWords: boolean;
  /** A transport that is not open yet, and who will be at its other end. */
  rig(options?: Partial<TransportOptions>): Promise<{ transport: Transport; peer: Peer }>;
  /** A transport with nobody at its other end. */
  lonely(): Promise<Transport>;
}

/** Options as a session hands them in. */
export function optionsFor(
  name: string,
  port: number,
  more: Partial<TransportOptions> = {},
): TransportOptions {
  return {
    hostname: "127.0.0.1",
    port: String(port),
    secure: false,
    path: "/engine.io/",
    query: { EIO: 4, transport: name },
    timers: hostTimers(),
    owner: {},
    ...more,
  };
}

const GREETING = '0{"sid":"contract"}';

/** Writes down what a transport tells. */
class Ear implements TransportSink {
  readonly heard: string[] = [];
  readonly frames: Frame[] = [];
  readonly failures: TransportFailure[] = [];
  onText: (packet: string) => void = () => {};

  opened(): void {
    this.heard.push("opened");
  }
  text(packet: string): void {
    this.heard.push("text");
    // the session reads base64, on every transport
    this.frames.push(
      packet.startsWith("b") ? new Uint8Array(decodeBase64(packet.slice(1))) : packet,
    );
    this.onText(packet);
  }
  binary(data: unknown): void {
    this.heard.push("binary");
    this.frames.push(new Uint8Array(data as ArrayBuffer));
  }
  drained(): void {
    this.heard.push("drained");
  }
  closed(failure: TransportFailure): void {
    this.heard.push("closed");
    this.failures.push(failure);
  }
}

const until = (condition: () => boolean): Promise<void> =>
  vi.waitFor(
    () => {
      if (!condition()) throw new Error(`still waiting for ${String(condition)}`);
    },
    { timeout: 9000, interval: 2 },
  );

/** What was on its way through the host has arrived. */
const quiet = (): Promise<void> =>
  new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

async function send(transport: Transport, ...frames: EngineFrame[]): Promise<void> {
  if (!transport.streams) {
    await until(() => transport.writable);
    transport.write(frames);
  } else for (const frame of frames) expect(transport.send(frame)).toBe(true);
}

export function itKeepsTheContract(subject: TransportCase): void {
  async function open(options?: Partial<TransportOptions>) {
    const { transport, peer } = await subject.rig(options);
    const ear = new Ear();
    transport.sink = ear;
    peer.say(GREETING);
    transport.open();
    await until(() => ear.frames.length > 0);
    ear.frames.length = 0;
    return { transport, peer, ear };
  }

  describe(subject.name, () => {
    describe("before it is open", () => {
      it("takes nothing and has nothing", async () => {
        const { transport } = await subject.rig();
        expect([transport.writable, transport.send("4x"), transport.bufferedAmount]).toEqual([
          false,
          false,
          0,
        ]);
      });

      it("can be closed without a word", async () => {
        const { transport } = await subject.rig();
        const ear = new Ear();
        transport.sink = ear;
        transport.close();
        transport.close();
        await quiet();
        expect(ear.heard).toEqual([]);
      });
    });

    describe("while it opens", () => {
      it("tells that it stands, once, before it tells anything else (TRA-28)", async () => {
        const { transport, ear } = await open();
        expect(ear.heard).toEqual(["opened", "text"]);
        expect(transport.writable).toBe(true);
      });

      it("can be closed without a word", async () => {
        const { transport, peer } = await subject.rig();
        const ear = new Ear();
        transport.sink = ear;
        transport.open();
        transport.close();
        peer.say(GREETING, "4late");
        transport.close();
        await quiet();
        expect([ear.heard, transport.writable, transport.send("4x")]).toEqual([[], false, false]);
      });

      it("tells once when nobody is there, in the words of the reference client (TRA-35)", async () => {
        const transport = await subject.lonely();
        const ear = new Ear();
        transport.sink = ear;
        transport.open();
        await until(() => ear.failures.length > 0);
        await quiet();
        expect(ear.heard).toEqual(["closed"]);
        expect(ear.failures[0]).toMatchObject({ kind: "error", message: subject.failure });
        expect([transport.writable, transport.send("4x")]).toEqual([false, false]);
      });
    });

    describe("what the server says", () => {
      it("comes in order", async () => {
        const { peer, ear } = await open();
        const packets = Array.from({ length: 50 }, (_, i) => `4${i}`);
        for (const packet of packets) peer.say(packet);
        await until(() => ear.frames.length === packets.length);
        expect(ear.frames).toEqual(packets);
      });

      it("comes as it was, text and binary in turn (TRA-29)", async () => {
        const { peer, ear } = await open();
        const frames = [
          "4é€\u{1F600}",
          Uint8Array.of(0, 255, 30, 128),
          "4",
          "4\u0000\n",
          Uint8Array.of(7),
        ];
        peer.say(...frames);
        await until(() => ear.frames.length === frames.length);
        expect(ear.frames).toEqual(frames);
      });

      it("may be large (TRA-31)", async () => {
        const { peer, ear } = await open();
        const text = "4" + "xé€".repeat(100_000);
        const bytes = Uint8Array.from({ length: 200_000 }, (_, i) => i % 251);
        peer.say(text, bytes);
        await until(() => ear.frames.length === 2);
        expect(ear.frames[0] === text).toBe(true);
        expect(Buffer.compare(ear.frames[1] as Uint8Array, bytes)).toBe(0);
      });

      it("goes to whoever listens now", async () => {
        const { transport, peer, ear } = await open();
        const other = new Ear();
        transport.sink = other;
        peer.say("4a");
        await until(() => other.frames.length === 1);
        expect([ear.frames, other.frames]).toEqual([[], ["4a"]]);
      });
    });

    describe("what is sent", () => {
      it("arrives in order (TRA-30)", async () => {
        const { transport, peer } = await open();
        await send(transport, "4a", "4b", "4c");
        await send(transport, "4d");
        await until(() => peer.frames.length === 4);
        expect(peer.frames).toEqual(["4a", "4b", "4c", "4d"]);
      });

      it("arrives as it was, text and binary in turn (TRA-30)", async () => {
        const { transport, peer } = await open();
        const bytes = Uint8Array.of(1, 2, 3, 4, 5);
        await send(
          transport,
          "4é€\u{1F600}",
          bytes.buffer,
          "4 ",
          bytes.subarray(1, 3),
          new DataView(bytes.buffer, 4),
        );
        await until(() => peer.frames.length === 5);
        expect(peer.frames).toEqual([
          "4é€\u{1F600}",
          bytes,
          "4 ",
          Uint8Array.of(2, 3),
          Uint8Array.of(5),
        ]);
      });

      it("may be large (TRA-31)", async () => {
        const { transport, peer } = await open();
        const text = "4" + "xé€".repeat(100_000);
        const bytes = Uint8Array.from({ length: 200_000 }, (_, i) => i % 251);
        await send(transport, text, bytes);
        await until(() => peer.frames.length === 2);
        expect(peer.frames[0] === text).toBe(true);
        expect(Buffer.compare(peer.frames[1] as Uint8Array, bytes)).toBe(0);
      });

      it("is counted until it has left", async () => {
        const { transport, peer } = await open();
        await send(transport, "4" + "x".repeat(100_000));
        expect(transport.bufferedAmount).toBeGreaterThanOrEqual(0);
        await until(() => peer.frames.length === 1);
        await until(() => transport.bufferedAmount === 0);
      });

      it("leaves the transport writable, at once or when it has drained", async () => {
        const { transport, ear } = await open();
        await send(transport, "4a");
        expect(transport.writable).toBe(transport.streams);
        if (!transport.streams) {
          await until(() => ear.heard.includes("drained"));
          expect(ear.heard.filter((what) => what === "drained")).toHaveLength(1);
        }
        expect(transport.writable).toBe(true);
      });

      if (subject.hasBase64) {
        it("is text only where that is asked for", async () => {
          const { transport, peer } = await open({ forceBase64: true });
          const bytes = Uint8Array.of(1, 2, 3, 4);
          await send(transport, "4a", bytes, "4b");
          await until(() => peer.frames.length === 3);
          const text = "b" + Buffer.from(bytes).toString("base64");
          // HTTP bodies are base64 always, and the peer has read them already
          const expected = transport.streams ? text : bytes;
          expect(peer.frames).toEqual(["4a", expected, "4b"]);
          expect(transport.query["b64"]).toBe(1);
        });
      }
    });

    describe("when it retires", () => {
      it("hands over what is under way first, and starts nothing new", async () => {
        const { transport, peer, ear } = await open();
        let done = false;
        transport.retire(() => {
          done = true;
          ear.heard.push("retired");
        });
        if (!transport.streams) {
          expect(done).toBe(false);
          peer.say("6", "4last");
        }
        await until(() => done);
        await quiet();
        const told = ear.heard.slice(2);
        expect(told).toEqual(transport.streams ? ["retired"] : ["text", "text", "retired"]);
      });
    });

    describe("when it is closed", () => {
      it("tells the server, and the sink nothing more", async () => {
        const { transport, peer, ear } = await open();
        const before = ear.heard.length;
        transport.close();
        peer.say("4late");
        await until(() => peer.isGone);
        transport.close();
        await quiet();
        expect(ear.heard).toHaveLength(before);
        expect([transport.writable, transport.send("4x")]).toEqual([false, false]);
      });

      it("can be closed by who hears a packet, and hands over no other (TRA-33)", async () => {
        const { transport, peer, ear } = await open();
        ear.onText = () => transport.close();
        peer.say("4a", "4b", "4c");
        await until(() => peer.isGone);
        await quiet();
        expect(ear.frames).toEqual(["4a"]);
        expect(ear.failures).toEqual([]);
      });

      if (subject.keepsLastWords) {
        it("has what was handed over before arrive (TRA-34)", async () => {
          const { transport, peer } = await open();
          await send(transport, "4a", "41");
          transport.close();
          await until(() => peer.isGone);
          expect(peer.frames.slice(0, 2)).toEqual(["4a", "41"]);
        });
      }
    });

    describe.each(["end", "die"] as const)("when the server is gone (%s)", (way) => {
      it("tells once, after what came before, and nothing afterwards (TRA-32)", async () => {
        const { transport, peer, ear } = await open();
        peer.say("4last");
        await until(() => ear.frames.length === 1);
        peer[way]();
        await until(() => ear.failures.length > 0);
        await quiet();
        expect(ear.heard).toEqual(["opened", "text", "text", "closed"]);
        if (way === "end") expect(ear.failures[0]?.kind).toBe(subject.ending);
        expect(ear.failures[0]?.message).toBe(subject.failure);
        expect([transport.writable, transport.send("4x")]).toEqual([false, false]);
        transport.close();
        await quiet();
        expect(ear.failures).toHaveLength(1);
      });
    });
  });
}

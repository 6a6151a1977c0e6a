import { Blob as NodeBlob } from "node:buffer";
import { describe, expect, it } from "vitest";
import { allModes, client, connected, modes, serve } from "../support/harness.js";

/** All binary as plain numbers, wherever it is, so that kinds of binary can be compared. */
function plain(value: unknown): unknown {
  if (value instanceof ArrayBuffer) return { bytes: [...new Uint8Array(value)] };
  if (ArrayBuffer.isView(value)) {
    return { bytes: [...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)] };
  }
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

const bytes = { bytes: [1, 2, 3, 4] };
const four = new Uint8Array([1, 2, 3, 4]);

const kinds: [string, unknown][] = [
  ["an ArrayBuffer", four.buffer],
  ["a typed array", four],
  ["a view into the middle of a buffer", new Uint8Array([9, 1, 2, 3, 4, 9]).subarray(1, 5)],
  ["a DataView", new DataView(four.buffer)],
  ["a Node Buffer from the pool", Buffer.from([1, 2, 3, 4])],
];

const nested = {
  list: [1, four, { deep: { deeper: [four.buffer] } }],
  text: "ünïcödé \u001e \u{1f600}",
  none: null,
  date: "2024-01-01",
  empty: new Uint8Array(0),
};

async function echo(mode: (typeof allModes)[number]) {
  const server = await serve(mode.server);
  const received: unknown[] = [];
  server.io.on("connection", (far) => {
    far.on("echo", (value, reply) => {
      received.push(value);
      reply(value);
    });
  });
  const socket = await connected(client(server.url, mode.options));
  return { received, echo: (value: unknown) => socket.emitWithAck("echo", value) };
}

describe("Binary", () => {
  describe.each(allModes)("over $name", (mode) => {
    it("survives there and back, nested and beside text (BIN-1)", async () => {
      const { received, echo: send } = await echo(mode);
      const back = await send(nested);
      expect(plain(received[0])).toEqual(plain(nested));
      expect(plain(back)).toEqual(plain(nested));
    });

    it("survives as a payload of 300 kB, as text and as bytes (BIN-3)", async () => {
      const { echo: send } = await echo(mode);
      const text = "0123456789".repeat(30_000);
      expect(await send(text)).toBe(text);
      const big = new Uint8Array(300_000).map((_, i) => i % 251);
      const back = await send(big);
      expect(Buffer.from(back).equals(big)).toBe(true);
    });
  });

  describe.each(modes)("over $name", (mode) => {
    it.each(kinds)("may be %s (BIN-2)", async (_name, value) => {
      const { received, echo: send } = await echo(mode);
      expect(plain(await send(value))).toEqual(bytes);
      expect(received[0]).toBeInstanceOf(Buffer);
    });

    it("arrives as ArrayBuffer, as in a browser (BIN-4)", async () => {
      const { echo: send } = await echo(mode);
      expect(await send(four)).toBeInstanceOf(ArrayBuffer);
    });

    it("may be a Blob, whose turn is kept though it must be read first (BIN-5)", async () => {
      const server = await serve(mode.server);
      const received: unknown[] = [];
      const socket = client(server.url, mode.options);
      const done = new Promise<void>((resolve) => {
        server.io.on("connection", (far) => {
          far.on("n", (value) => received.push(value) === 3 && resolve());
        });
      });
      await connected(socket);
      socket.emit("n", 1);
      socket.emit("n", { file: new NodeBlob([four]) });
      socket.emit("n", 3);
      await done;
      expect(plain(received)).toEqual([1, { file: bytes }, 3]);
    });

    it("refuses more than 10 attachments at the emit (BIN-7)", async () => {
      const server = await serve(mode.server);
      const socket = await connected(client(server.url, mode.options));
      const eleven = Array.from({ length: 11 }, () => four);
      expect(() => socket.emit("too many", eleven)).toThrow(
        expect.objectContaining({ code: "too-many-attachments" }),
      );
      expect(socket.connected).toBe(true);
    });
  });

  describe("with forceBase64", () => {
    it.each(modes)("survives over $name (BIN-9)", async (mode) => {
      const { echo: send } = await echo({
        ...mode,
        options: { ...mode.options, forceBase64: true },
      });
      expect(plain(await send(nested))).toEqual(plain(nested));
    });
  });
});

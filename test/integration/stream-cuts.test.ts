import { createHash, randomFillSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { receiveStream, receiveUploads, stream as serveStream } from "../../src/server/index.js";
import { sendStream, stream } from "../../src/stream/index.js";
import { upload } from "../../src/upload/index.js";
import { client, connected, modes, proxyTo, serve } from "../support/harness.js";
import { seeded } from "../../src/test-kit/seeded.js";

const MIB = 2 ** 20;
/** `TAUTLINE_UPLOAD_MIB=100` runs the whole of it. */
const SIZE = Number(process.env["TAUTLINE_UPLOAD_MIB"] ?? 16) * MIB;
const CUTS = 20;
const ITEMS = 10_000;
const ITEM_CUTS = 50;

function digest(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

async function cuttable(mode: (typeof modes)[number], seed: number) {
  const chance = seeded(seed);
  const server = await serve({ ...mode.server, pingInterval: 300, pingTimeout: 300 });
  const proxy = await proxyTo(server);
  const open = () =>
    client(proxy.url, { ...mode.options, reconnectionDelay: 1, reconnectionDelayMax: 10 });
  const socket = open();
  let deaths = 0;
  socket.on("disconnect", () => deaths++);
  // not one side alone: a host's HTTP client goes on using what is half open until that times out
  const cut = () => proxy.cut({ how: chance() < 0.5 ? "rst" : "fin" });
  return { server, socket, open, chance, cut, deaths: () => deaths };
}

describe.each(modes)("Through cuts over $name", (mode) => {
  it(`uploads ${SIZE / MIB} MiB through ${CUTS} cuts (UPL-8)`, { timeout: 300_000 }, async () => {
    const { server, socket, cut, deaths } = await cuttable(mode, 1);
    const hash = createHash("sha256");
    let received = 0;
    receiveUploads(server.io, "upload", async (_file, chunks) => {
      for await (const chunk of chunks) {
        hash.update(chunk);
        received += chunk.length;
        // the cuts are spread over the whole file; one that hit nothing is made again
        const cuts = deaths();
        if (cuts < CUTS + 5 && received >= ((cuts + 1) * SIZE) / (CUTS + 6)) cut();
      }
      return hash.digest("hex");
    });
    const file = new Uint8Array(SIZE);
    randomFillSync(file);
    await connected(socket);
    const sum = await upload(socket, "upload", new Blob([file]));
    expect(sum).toBe(digest(file));
    expect(received).toBe(SIZE);
    expect(deaths()).toBeGreaterThanOrEqual(CUTS);
  });

  it(
    `reads ${ITEMS} items through ${ITEM_CUTS} cuts and a reload (STR-3)`,
    { timeout: 120_000 },
    async () => {
      const { server, socket, open, chance, cut, deaths } = await cuttable(mode, 2);
      let yielded = 0;
      serveStream(server.io, "numbers", async function* (count: number) {
        for (let n = 0; n < count; n++) {
          yielded++;
          yield n % 10 ? n : { n, bytes: Uint8Array.of(n % 256) };
        }
        return "the end";
      });
      const items: number[] = [];
      const nOf = (item: unknown): number =>
        typeof item === "number" ? item : (item as { n: number }).n;
      let laterDeaths = 0;
      const read = async (
        reader: AsyncIterableIterator<unknown> & { offset: number },
        until: number,
      ) => {
        for (;;) {
          const { done, value } = await reader.next();
          if (done) return value;
          items.push(nOf(value));
          const cuts = deaths() + laterDeaths;
          if (cuts < ITEM_CUTS + 5 && items.length >= ((cuts + 1) * ITEMS) / (ITEM_CUTS + 6)) {
            for (let i = Math.floor(chance() * 20); i > 0; i--)
              await new Promise((resolve) => setImmediate(resolve));
            cut();
          }
          if (items.length === until) return reader.offset;
        }
      };
      const before = stream(socket, "numbers", ITEMS);
      const kept = { id: before.id, offset: Number(await read(before, ITEMS / 2)) };
      // the page is gone without a word
      const page = socket;
      page.io.engine?.close();
      page.disconnect();
      const again = open();
      again.on("disconnect", () => laterDeaths++);
      const after = stream(again, "numbers", ITEMS, kept);
      expect(await read(after, Infinity)).toBe("the end");
      expect(items).toEqual(Array.from({ length: ITEMS }, (_, n) => n));
      expect(yielded).toBe(ITEMS);
      expect(deaths() + laterDeaths).toBeGreaterThanOrEqual(ITEM_CUTS);
    },
  );

  it("sends items through cuts (STR-3)", { timeout: 60_000 }, async () => {
    const { server, socket, cut, deaths } = await cuttable(mode, 3);
    const items: unknown[] = [];
    receiveStream(server.io, "items", async (source, { input }) => {
      for await (const item of source) {
        items.push(item);
        if (items.length % 100 === 0) cut();
      }
      return { input, count: items.length };
    });
    async function* source() {
      for (let n = 0; n < 1500; n++) yield n;
    }
    const result = await sendStream(socket, "items", source(), { input: "please" });
    expect(result).toEqual({ input: "please", count: 1500 });
    expect(items).toEqual(Array.from({ length: 1500 }, (_, n) => n));
    expect(deaths()).toBeGreaterThan(5);
  });
});

/**
 * Streams over a line that fails: a seeded program of one client, one server and the steps of their network, and the claims
 * that must hold whatever happens. `npm run check:model -- --streams 2000` runs many.
 *
 * To extend: add a step to `STEPS` and what it may break to `brokenClaims`; a fault of the line, which must be found, to
 * `StreamFault`.
 */
import { receiveStream, receiveUploads, stream as serveStream } from "../../src/server/index.js";
import { sendStream, stream } from "../../src/stream/index.js";
import { upload } from "../../src/upload/index.js";
import { seeded } from "../../src/test-kit/seeded.js";
import { Line } from "../support/stream-pair.js";

/** What a line does that no line does: each of them breaks a claim. */
export type StreamFault =
  "loses data" | "swaps data" | "forges data" | "forgets the end" | "hoards";

type Kind = "read" | "send" | "upload";

interface Told {
  readonly kind: Kind;
  readonly name: string;
  readonly total: number;
  readonly window: number;
  /** Somebody ends it early: the reader, the writer, or an error of the source. */
  early: "leaves" | "aborts" | "throws" | undefined;
  readonly earlyAt: number;
  readonly written: number[];
  readonly read: number[];
  /** How both sides ended. */
  writerEnd: string | undefined;
  readerEnd: string | undefined;
  wide: number;
  slow: boolean;
}

const CHUNK = 3;
const STEPS = 400;
const HEALING = 4000;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const endOf = (error: unknown): string => String((error as { code?: unknown }).code ?? error);

/** Runs the program of a seed; says which claims it breaks. */
export async function runStreams(seed: number, fault?: StreamFault): Promise<string[]> {
  const model = new StreamModel(seed, fault);
  const errors: string[] = [];
  const note = (error: unknown): void => void errors.push(`an error escaped: ${String(error)}`);
  process.on("unhandledRejection", note);
  try {
    const broken = await model.run();
    return [...broken, ...errors];
  } finally {
    process.off("unhandledRejection", note);
  }
}

export async function checkStreams(
  first: number,
  count: number,
  fault?: StreamFault,
): Promise<{ seed: number; broken: string[] } | undefined> {
  for (let seed = first; seed < first + count; seed++) {
    const broken = await runStreams(seed, fault);
    if (broken.length) return { seed, broken };
  }
  return undefined;
}

class StreamModel {
  readonly #chance: () => number;
  readonly #line = new Line();
  readonly #fault: StreamFault | undefined;
  readonly #streams: Told[] = [];
  readonly #late: (() => void)[] = [];
  #done: Promise<unknown>[] = [];
  #settled = 0;
  #struck = false;

  constructor(seed: number, fault: StreamFault | undefined) {
    this.#chance = seeded(seed);
    this.#fault = fault;
  }

  #below(count: number): number {
    return Math.floor(this.#chance() * count);
  }

  async run(): Promise<string[]> {
    this.#serve();
    const count = 1 + this.#below(4);
    if (this.#chance() < 0.8) this.#line.connect();
    for (let i = 0; i < count; i++) this.#begin(i);
    for (let i = 0; i < STEPS; i++) {
      await this.#step();
      this.#watch();
    }
    for (const stream of this.#streams) stream.slow = false;
    for (const late of this.#late.splice(0)) late();
    for (let i = 0; i < HEALING && !this.#isOver; i++) {
      if (!this.#line.server) this.#line.connect();
      await this.#arrive();
      this.#watch();
    }
    // the last answers
    for (let i = 0; i < 20; i++) await this.#arrive();
    const broken = this.#streams.flatMap((told) => brokenClaims(told));
    if (this.#isOver) {
      await Promise.all(this.#done);
      const left = this.#line.client.listeners();
      if (left) broken.push(`${left} listeners are left on the client's socket`);
    }
    return broken;
  }

  get #isOver(): boolean {
    return this.#streams.every((told) => {
      if (this.#isUntold(told)) {
        told.writerEnd ??= "untold";
        told.readerEnd ??= "untold";
      }
      return told.writerEnd && told.readerEnd && this.#settled === this.#streams.length;
    });
  }

  /** The client's abort was lost with a connection: the server ends it when `keep` is over, which takes no time here. */
  #isUntold({ name }: Told): boolean {
    const { lost, client } = this.#line;
    const nameOf = ({ id }: { id: string }): unknown => {
      const { frame } =
        client.sent.find(({ frame: sent }) => sent.id === id && (sent.input ?? sent.name)) ?? {};
      return frame?.input ?? frame?.name;
    };
    return lost.some((frame) => frame.error && nameOf(frame) === name);
  }

  async #step(): Promise<void> {
    const line = this.#line;
    const what = this.#chance();
    if (!line.server) {
      if (what < 0.3) line.connect();
      else await turn();
    } else if (what < 0.02) line.cut();
    else if (what < 0.03) this.#late.push(line.cut(true));
    else if (what < 0.04) for (const late of this.#late.splice(0)) late();
    else if (what < 0.08) {
      const stream = this.#streams[this.#below(this.#streams.length)] as Told;
      stream.slow = !stream.slow;
    } else await this.#arrive();
  }

  async #arrive(): Promise<void> {
    const line = this.#line;
    this.#sabotage();
    const first = this.#chance() < 0.5 ? "up" : "down";
    if (!line.step(first)) line.step(first === "up" ? "down" : "up");
    await turn();
  }

  /** What is on its way to the reader is tampered with, once. */
  #sabotage(): void {
    const { down } = this.#line;
    if (this.#struck || down.length < 2) return;
    const isData = this.#streams.some(
      ({ kind, read, total }) => kind === "read" && read.length > 2 && read.length < total - 2,
    );
    if (!isData) return;
    if (this.#fault === "loses data") down.shift();
    else if (this.#fault === "swaps data") down.push(down.shift() as (typeof down)[0]);
    else return;
    this.#struck = true;
  }

  #serve(): void {
    const far = {
      on: (_: "connection", fn: (socket: never) => void) =>
        this.#line.servers.on("connection", fn as never),
    };
    const bounds = { keep: 2 ** 31 - 1, idleTimeout: 2 ** 31 - 1 };
    const told = (name: unknown): Told => this.#streams.find((one) => one.name === name) as Told;
    const readAll = async (one: Told, items: AsyncIterable<unknown>): Promise<unknown> => {
      try {
        for await (const item of items) {
          const values = item instanceof Uint8Array ? [...item] : [item as number];
          one.read.push(...values);
          while (one.slow) await turn();
          if (one.early === "leaves" && one.read.length >= one.earlyAt) break;
        }
        one.readerEnd ??= "done";
        return one.read.length;
      } catch (error) {
        one.readerEnd ??= endOf(error);
        throw error;
      }
    };
    serveStream(far, "read", (name) => this.#source(told(name)), { ...bounds, window: 8 });
    receiveStream(far, "send", (items, { input }) => readAll(told(input), items), bounds);
    receiveUploads(far, "upload", (file, chunks) => readAll(told(file.name), chunks), bounds);
  }

  async *#source(told: Told): AsyncGenerator<number, string> {
    try {
      for (let n = 0; n < told.total; n++) {
        if (told.early === "throws" && n === told.earlyAt)
          throw Object.assign(new Error("no more"), { code: "thrown" });
        told.written.push(n % 256);
        const forged = this.#fault === "forges data" && n === 5 ? 99 : n % 256;
        yield forged;
        if (this.#chance() < 0.2) await turn();
      }
      if (this.#fault === "forgets the end") await new Promise(() => {});
      told.writerEnd ??= "done";
      return "returned";
    } catch (error) {
      told.writerEnd ??= endOf(error);
      throw error;
    } finally {
      told.writerEnd ??= "left";
    }
  }

  #begin(index: number): void {
    const kind = (["read", "send", "upload"] as const)[this.#below(3)] as Kind;
    const total = 1 + this.#below(60);
    const early =
      this.#chance() < 0.4 ? (["leaves", "aborts", "throws"] as const)[this.#below(3)] : undefined;
    const told: Told = {
      kind,
      name: `${kind}${index}`,
      total,
      window: 1 + this.#below(8),
      early: kind === "upload" && early === "throws" ? undefined : early,
      earlyAt: this.#below(total) + 1,
      written: [],
      read: [],
      writerEnd: undefined,
      readerEnd: undefined,
      wide: 0,
      slow: false,
    };
    this.#streams.push(told);
    const done = kind === "read" ? this.#read(told) : this.#send(told);
    this.#done.push(done.then(() => this.#settled++));
  }

  async #read(told: Told): Promise<void> {
    const abort = new AbortController();
    const { window, name } = told;
    const hoard = this.#fault === "hoards" ? 64 : window;
    const items = stream<number>(this.#line.client, "read", name, {
      window: hoard,
      signal: abort.signal,
    });
    try {
      for await (const item of items) {
        told.read.push(item);
        while (told.slow) await turn();
        if (told.read.length < told.earlyAt) continue;
        if (told.early === "leaves") break;
        if (told.early === "aborts") abort.abort();
      }
      told.readerEnd = "done";
    } catch (error) {
      told.readerEnd = endOf(error);
    }
    // a generator that never began has nothing to end
    if (told.readerEnd !== "done" || told.early)
      if (!told.written.length) told.writerEnd ??= "left";
  }

  async #send(told: Told): Promise<void> {
    const { kind, window, total, name } = told;
    const bytes = Uint8Array.from({ length: total }, (_, n) => n);
    const abort = new AbortController();
    const { signal } = abort;
    const timer = (): void => {
      if (told.early === "aborts" && told.read.length >= told.earlyAt) abort.abort();
      else if (!told.writerEnd) setImmediate(timer);
    };
    timer();
    try {
      if (kind === "send")
        await sendStream(this.#line.client, "send", this.#source(told), {
          window,
          input: name,
          signal,
        });
      else {
        told.written.push(...bytes);
        const file = new Blob([bytes]);
        await upload(this.#line.client, "upload", file, { name, chunkSize: CHUNK, window, signal });
      }
      told.writerEnd = "done";
    } catch (error) {
      told.writerEnd = endOf(error);
    }
    // an upload that was aborted before it was announced, or while that was lost, has no reader
    if (told.writerEnd !== "done" && !told.read.length) told.readerEnd ??= "none";
  }

  /** How far the writer is before the reader. */
  #watch(): void {
    for (const told of this.#streams)
      if (told.kind !== "upload")
        told.wide = Math.max(told.wide, told.written.length - told.read.length);
  }
}

function brokenClaims(told: Told): string[] {
  const { name, early, read, total, writerEnd, readerEnd, window, wide } = told;
  const broken: string[] = [];
  const claim = (holds: boolean, words: string): void => {
    if (!holds) broken.push(`${name}: ${words}`);
  };
  claim(
    read.every((value, n) => value === n % 256),
    `what was read is not what was written: ${read.join(" ")}`,
  );
  claim(!!writerEnd && !!readerEnd, `it did not end: writer ${writerEnd}, reader ${readerEnd}`);
  // one that the reader has in hand, and one that the source has given and that is not yet sent
  claim(wide <= Math.min(window, 8) + 2, `${wide} were written before they were read`);
  if (early === "throws") {
    claim(
      read.length === told.written.length,
      `${read.length} of the ${told.written.length} before the error were read`,
    );
    const end = told.earlyAt < total ? "thrown" : "done";
    // an abort may be lost, with the connection
    claim(
      [end, "untold"].includes(String(readerEnd)),
      `it threw, and the reader ended with ${readerEnd}`,
    );
  }
  if (early) return broken;
  claim(
    writerEnd === "done" && readerEnd === "done",
    `it ended with ${writerEnd} and ${readerEnd}`,
  );
  claim(read.length === total, `${read.length} of ${total} were read`);
  return broken;
}

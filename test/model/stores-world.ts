/**
 * The world of the model of stores: disks that fail and hang, tabs that die, locks and channels between them, a line and a
 * server for each tab. Nothing happens by itself: each step of a program moves one thing on.
 *
 * To extend: a way for a disk to fail belongs into `Disk.step`; what the server of the app does with a packet into `Server`.
 */
import type { Channel } from "../../src/connection/channel.js";
import type { ChannelLine } from "../../src/connection/channel-line.js";
import type { OutboxStore, StoredPacket } from "../../src/durable/index.js";
import { TautlineError } from "../../src/errors.js";
import type { ProbeAnswer } from "../../src/pipeline/line.js";
import type { Timers } from "../../src/platform/platform.js";
import { DefaultCodec } from "../../src/protocol/default-codec.js";
import type { Encoded } from "../../src/protocol/socket-packet.js";

/** Until nothing is left that needs no step. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const named = (name: string): Error => Object.assign(new Error(name), { name });

/** What a disk does with the calls that it takes next. */
export type Mood = "well" | "full" | "broken" | "hangs" | "forgetful";

interface Call {
  readonly tab: Life;
  readonly isWrite: boolean;
  readonly apply: () => unknown;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
  readonly mood: Mood;
  outcome?: { value: unknown };
}

/** What lives and dies together. */
export interface Life {
  isDead: boolean;
}

/** What is stored of one scope, and the calls that wait for it. */
export class Disk {
  readonly packets = new Map<number, StoredPacket>();
  readonly calls: Call[] = [];
  mood: Mood = "well";
  /** It does not do what it says: for the faults. */
  isLying = false;
  isBackward = false;
  isHoarding = false;
  private last = 0;

  storeOf(tab: Life): OutboxStore {
    const call = <T>(isWrite: boolean, apply: () => T): Promise<T> =>
      new Promise((resolve, reject) => {
        if (tab.isDead) return;
        const { mood } = this;
        this.calls.push({ tab, isWrite, apply, resolve, reject, mood });
      });
    const { packets } = this;
    return {
      add: (added) =>
        call(true, () =>
          added.map((packet) => {
            const id = ++this.last;
            if (!this.isLying) packets.set(id, structuredClone({ ...packet, id }));
            return id;
          }),
        ),
      read: (after, limit) =>
        call(false, () => {
          const read = [...packets.values()].filter(({ id }) => id > after).slice(0, limit);
          return this.isBackward ? read.reverse() : read;
        }),
      update: (packet) =>
        call(true, () => packets.has(packet.id) && packets.set(packet.id, packet)),
      remove: (ids) =>
        call(true, () => ids.forEach((id) => !this.isHoarding && packets.delete(id))),
      count: () => call(false, () => packets.size),
    };
  }

  /** Does the next thing: a call is carried out, or is answered. */
  step(isHealed = false): boolean {
    const call = this.calls.find(
      ({ outcome, mood }) => isHealed || !(mood === "hangs" || (mood === "forgetful" && outcome)),
    );
    if (!call) return false;
    if (!call.outcome && !isHealed && (call.mood === "full" || call.mood === "broken")) {
      this.calls.splice(this.calls.indexOf(call), 1);
      if (!call.tab.isDead)
        call.reject(named(call.mood === "full" ? "QuotaExceededError" : "UnknownError"));
      return true;
    }
    if (!call.outcome) {
      call.outcome = { value: call.apply() };
      return true;
    }
    this.calls.splice(this.calls.indexOf(call), 1);
    if (!call.tab.isDead) call.resolve(call.outcome.value as never);
    return true;
  }

  /** @param isLate - the system still carries out what the tab had begun */
  bury(tab: Life, isLate: boolean): void {
    for (const call of [...this.calls].filter((one) => one.tab === tab)) {
      if (isLate && call.isWrite && !call.outcome && call.mood === "well") call.apply();
      this.calls.splice(this.calls.indexOf(call), 1);
    }
  }
}

interface Wish {
  readonly name: string;
  readonly tab: Life;
  readonly grant: () => void;
}

/** Web Locks. */
export class Locks {
  private readonly holders = new Map<string, Life[]>();
  private readonly waiting: Wish[] = [];
  /** For the faults: everybody gets every lock. */
  isOpen = false;

  holds(name: string, tab: Life): boolean {
    return !!this.holders.get(name)?.includes(tab);
  }

  of(tab: Life): Pick<LockManager, "request"> {
    const request = (
      name: string,
      options: LockOptions,
      callback: (lock: unknown) => unknown,
    ): Promise<unknown> =>
      new Promise((resolve, reject) => {
        const grant = (): void => {
          this.holders.set(name, [...(this.holders.get(name) ?? []), tab]);
          void Promise.resolve()
            .then(() => callback({ name }))
            .finally(() => this.release(name, tab))
            .then(resolve, reject);
        };
        if (this.isOpen || !this.holders.get(name)?.length) grant();
        else if (options.ifAvailable)
          void Promise.resolve()
            .then(() => callback(null))
            .then(resolve, reject);
        else {
          const wish = { name, tab, grant };
          this.waiting.push(wish);
          options.signal?.addEventListener("abort", () => {
            const at = this.waiting.indexOf(wish);
            if (at < 0) return;
            this.waiting.splice(at, 1);
            reject(named("AbortError"));
          });
        }
      });
    return { request } as never;
  }

  bury(tab: Life): void {
    for (const wish of [...this.waiting])
      if (wish.tab === tab) this.waiting.splice(this.waiting.indexOf(wish), 1);
    for (const [name, tabs] of this.holders) if (tabs.includes(tab)) this.release(name, tab);
  }

  private release(name: string, tab: Life): void {
    const tabs = this.holders.get(name) ?? [];
    if (!tabs.includes(tab)) return;
    this.holders.set(
      name,
      tabs.filter((one) => one !== tab),
    );
    const at = this.waiting.findIndex((wish) => wish.name === name);
    if (at >= 0 && !this.holders.get(name)?.length) this.waiting.splice(at, 1)[0]?.grant();
  }
}

/** BroadcastChannel: what is said arrives step by step. */
export class Air {
  private readonly channels = new Set<{
    name: string;
    tab: Life;
    onmessage?: (event: any) => void;
  }>();
  private readonly mail: (() => void)[] = [];

  classFor(tabNow: () => Life): unknown {
    const { channels, mail } = this;
    return class {
      onmessage?: (event: unknown) => void;
      readonly tab = tabNow();
      constructor(readonly name: string) {
        channels.add(this);
      }
      postMessage(data: unknown): void {
        const copy = structuredClone(data);
        for (const other of channels)
          if (other !== this && other.name === this.name)
            mail.push(() => channels.has(other) && other.onmessage?.({ data: copy }));
      }
      close(): void {
        channels.delete(this);
      }
    };
  }

  step(): boolean {
    const next = this.mail.shift();
    next?.();
    return !!next;
  }

  bury(tab: Life): void {
    for (const channel of this.channels) if (channel.tab === tab) this.channels.delete(channel);
  }
}

/** Time that goes on when a step says so. */
export class Clock {
  private now = 1;
  private readonly due: { at: number; task: () => void; tab: Life }[] = [];

  timersOf(tab: Life): Timers {
    return {
      now: () => this.now,
      after: (ms, task) => {
        const one = { at: this.now + Math.max(ms, 0), task, tab };
        this.due.push(one);
        return () => {
          const at = this.due.indexOf(one);
          if (at >= 0) this.due.splice(at, 1);
        };
      },
    };
  }

  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    for (;;) {
      const next = this.due.sort((a, b) => a.at - b.at).find(({ at }) => at <= end);
      if (!next) break;
      this.due.splice(this.due.indexOf(next), 1);
      this.now = Math.max(this.now, next.at);
      if (!next.tab.isDead) next.task();
      await turn();
    }
    this.now = end;
  }
}

/** What came in at the server: the number of the app's packet, over which connection. */
export type Handler = (n: number, connection: Wire) => "acks" | "refuses" | "keeps silent" | "dies";

/** The server, with `dedupe()` or without. */
export class Server {
  /** What the app's handler got, in order. */
  readonly applied: number[] = [];
  readonly broken: string[] = [];
  /** For the faults: it says that it drops what it has seen. */
  isLying = false;
  private readonly streams = new Map<string, Map<number, string | undefined>>();

  constructor(
    readonly isDeduping: boolean,
    private readonly handler: Handler,
  ) {}

  receive(wire: Wire, frame: string): void {
    if (frame === "0") return wire.say('0{"sid":"s"}');
    if (frame === "1") return;
    const [, id, json = "[]"] = /^2(\d*)(\[.*)$/s.exec(frame) ?? [];
    const [name, ...args] = JSON.parse(json) as [string, ...any[]];
    if (name === "$tautline") {
      if (!this.isDeduping) return;
      if (!this.streams.has(args[0])) this.streams.set(args[0], new Map());
      return wire.say(`3${id}[true]`);
    }
    const tag = args.at(-1)?.$tautline as [string, number] | undefined;
    const n = args[0] as number;
    if (tag && !this.isDeduping) this.broken.push(`${n} bears a tag at a server without dedupe()`);
    if (tag && !this.streams.has(tag[0])) this.streams.set(tag[0], new Map());
    const seen = tag && this.streams.get(tag[0]);
    if (tag && seen?.has(tag[1]) && !this.isLying) {
      const answer = seen.get(tag[1]);
      if (answer && id) wire.say(`3${id}${answer}`);
      return;
    }
    this.applied.push(n);
    const does = this.handler(n, wire);
    const answer =
      does === "acks" ? '["ok"]' : does === "refuses" ? '[{"$error":{"code":"NO"}}]' : undefined;
    if (tag) seen?.set(tag[1], answer);
    if (does === "dies") wire.isDoomed = true;
    else if (answer && id) wire.say(`3${id}${answer}`);
  }
}

/** One connection: what is on its way. */
export class Wire {
  readonly up: (string | ProbeAnswer)[] = [];
  readonly down: (string | ProbeAnswer)[] = [];
  /** The server has ended it. */
  isDoomed = false;
  isOver = false;

  say(frame: string): void {
    if (!this.isOver) this.down.push(frame);
  }
}

/** The line of one tab: one wire after the other. */
export class ModelLine implements ChannelLine {
  readonly codec = new DefaultCodec();
  readonly isOver = false;
  readonly heard = 0;
  readonly bufferedAmount = 0;
  readonly maxPayload = 0;
  readonly isConfirmed = false;
  wire: Wire | undefined;
  channel: Channel | undefined;
  private readonly decoder = this.codec.decoder();

  constructor(
    readonly timers: Timers,
    private readonly tab: Life,
    private readonly server: Server,
    private readonly watch: (frame: string) => void,
  ) {}

  transmit(encoded: Encoded): boolean {
    if (!this.wire || this.tab.isDead) return false;
    this.watch(encoded as string);
    this.wire.up.push(encoded as string);
    return true;
  }

  probe(answered: ProbeAnswer): void {
    this.wire?.up.push(answered);
  }

  join(channel: Channel): void {
    this.channel = channel;
    if (this.wire) channel.lineOpened();
  }

  wait(): void {}
  leave(): void {}
  renew(): void {}
  discard(): void {}
  dropped(): void {}
  delayAfter(): number {
    return 100;
  }

  open(): boolean {
    if (this.wire) return false;
    this.wire = new Wire();
    this.channel?.lineOpened();
    return true;
  }

  /** @returns the wire, of which the server may still read what had left */
  cut(): Wire | undefined {
    const { wire } = this;
    if (!wire) return undefined;
    wire.isOver = true;
    this.wire = undefined;
    const lost = new TautlineError("disconnected", "lost");
    for (const one of [...wire.up, ...wire.down]) if (typeof one === "function") one(lost);
    this.channel?.lineLost("transport error", undefined);
    return wire;
  }

  up(): boolean {
    return !!this.wire && arrive(this.wire, this.server);
  }

  down(): boolean {
    const next = this.wire?.down.shift();
    if (next === undefined) return false;
    if (typeof next === "function") next();
    else {
      const packet = this.decoder.text(next, 0);
      if (packet) this.channel?.receive(packet);
    }
    return true;
  }
}

/** The next frame that was sent reaches the server. */
export function arrive(wire: Wire, server: Server): boolean {
  const next = wire.up.shift();
  if (next === undefined || wire.isDoomed) return false;
  if (typeof next === "string") server.receive(wire, next);
  else if (!wire.isOver) wire.down.push(next);
  return true;
}

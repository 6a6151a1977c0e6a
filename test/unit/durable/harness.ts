/**
 * A socket with an outbox over a line that the test plays: `session()` opens one on a store, as a page does that was loaded;
 * what it had in memory is gone with the next. To extend: the server's side of a new message belongs into `Far`.
 */
import { vi } from "vitest";
import { durable, type OutboxStore, type Settled } from "../../../src/durable/index.js";
import type { DurableOptions } from "../../../src/durable/index.js";
import type { Delivery } from "../../../src/pipeline/policy.js";
import { Socket } from "../../../src/socket/socket.js";
import { FakeLine } from "../../support/fake-line.js";

/** An event that the server got: its arguments without the tag, the tag, the ack id. */
export interface Got {
  readonly args: unknown[];
  readonly tag: [string, number] | undefined;
  readonly id: number | undefined;
}

/** Until everything that needs no timer has been done. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 60; i++) await Promise.resolve();
}

export class Session {
  readonly line = new FakeLine();
  readonly socket: Socket;
  readonly settled: Settled[] = [];
  readonly errors: string[] = [];
  private _read = 0;

  /** @param isDeduped - the server answers the question */
  constructor(
    options: Partial<DurableOptions> & Pick<DurableOptions, "store">,
    readonly isDeduped = true,
    delivery?: Delivery,
  ) {
    const part = durable({ name: "app", identity: 1, ...options });
    this.socket = new Socket(undefined, this.line, "/", {}, (host) =>
      part.wrap(host, "/", delivery?.createPolicy(host)),
    );
    this.socket.durable.on("settled", (one) => this.settled.push(one));
    this.socket.durable.on("error", ({ code }) => this.errors.push(code));
    this.socket.connect();
  }

  /** The server lets the namespace in, and answers what is asked before packets go out. */
  async open(): Promise<this> {
    this.line.open().accept();
    await this.answer();
    return this;
  }

  /** Answers questions and probes, until there are no more. */
  async answer(): Promise<void> {
    await settle();
    for (let i = 0; i < 5; i++) {
      for (const frame of [...this.line.sent]) {
        const [, id] = /^2(\d+)\["\$tautline"/.exec(String(frame)) ?? [];
        if (id === undefined || !this.isDeduped) continue;
        this.line.sent.splice(this.line.sent.indexOf(frame), 1);
        this.line.say(`3${id}[true]`);
      }
      this.line.answer();
      await settle();
    }
  }

  /** The events that were sent since the last call. */
  got(): Got[] {
    const frames = this.line.sent.slice(this._read);
    this._read = this.line.sent.length;
    return frames.flatMap((frame) => {
      const [, id, json] = /^2(\d*)(\[.*)$/s.exec(String(frame)) ?? [];
      if (!json || json.startsWith('["$tautline"')) return [];
      const args = JSON.parse(json) as unknown[];
      const last = args.at(-1) as { $tautline?: [string, number] } | undefined;
      const tag = last?.$tautline;
      if (tag) args.pop();
      return [{ args, tag, id: id ? Number(id) : undefined }];
    });
  }

  /** The server's app acks. */
  async ack(got: Got, ...answer: unknown[]): Promise<void> {
    this.line.say(`3${got.id}${JSON.stringify(answer)}`);
    await settle();
  }

  /** The connection dies. */
  async die(reason: "transport error" | "forced close" = "transport error"): Promise<void> {
    this.line.isOpen = false;
    this.line.sent.length = this._read = 0;
    this.line.probes.length = 0;
    this.socket.channel.lineLost(reason, undefined);
    await settle();
  }
}

/** What is wrapped, with some methods replaced; calls are counted. */
export function wrapped(
  store: OutboxStore,
  replaced: (store: OutboxStore) => Partial<OutboxStore>,
): OutboxStore {
  const all = { ...store, ...replaced(store) };
  return {
    add: vi.fn(all.add),
    read: vi.fn(all.read),
    update: vi.fn(all.update),
    remove: vi.fn(all.remove),
    count: vi.fn(all.count),
  };
}

export const named = (name: string): Error => Object.assign(new Error(name), { name });
export const never = <T>(): Promise<T> => new Promise(() => {});

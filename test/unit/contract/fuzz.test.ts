/**
 * Garbage against a contract, both sides, from one seed. `TAUTLINE_CONTRACT_FUZZ=1000000` for the long run,
 * `TAUTLINE_SEED` for another seed.
 */
import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { z } from "zod";
import { contract, defineEvents } from "../../../src/contract/index.js";
import { contract as guard } from "../../../src/server/index.js";
import { connectedSocket } from "../../support/line-socket.js";
import { seeded } from "../../../src/test-kit/seeded.js";

const PAYLOADS = Number(process.env["TAUTLINE_CONTRACT_FUZZ"] ?? 50_000);
const SEED = Number(process.env["TAUTLINE_SEED"] ?? 20_261_126);

const MARK = "fits: only a schema's own output says so";
/** What garbage never is: a text that it never makes. */
const shapes = {
  zod: z.strictObject({
    id: z.literal(MARK),
    list: z.array(z.number()),
    more: z.object({ at: z.string() }),
  }),
  valibot: v.strictObject({
    id: v.literal(MARK),
    list: v.array(v.number()),
    more: v.object({ at: v.string() }),
  }),
  arktype: type({ id: type.unit(MARK), list: "number[]", more: { at: "string" } }),
};
const all = {
  zod: { req: shapes.zod, res: shapes.zod, errors: { E: shapes.zod } },
  valibot: { req: shapes.valibot, res: shapes.valibot, errors: { E: shapes.valibot } },
  arktype: { req: shapes.arktype, res: shapes.arktype, errors: { E: shapes.arktype } },
};
const events = defineEvents({ clientToServer: all, serverToClient: all });
const NAMES = ["zod", "valibot", "arktype"];

/** Anything that JSON can hold, and what it can do to objects. */
class Garbage {
  constructor(readonly random: () => number) {}

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.random() * list.length)] as T;
  }

  value(depth = 0): unknown {
    const kind = Math.floor(this.random() * (depth > 3 ? 8 : 12));
    if (kind < 8)
      return [null, this.random() * 1e6, "text", true, "", -0, 1e308, "\u0000\ud800"][kind];
    const count = Math.floor(this.random() * 4);
    if (kind === 8) return Array.from({ length: count }, () => this.value(depth + 1));
    const object: Record<string, unknown> = {};
    for (let i = 0; i < count + 1; i++) {
      const key = this.pick([
        "id",
        "list",
        "more",
        "__proto__",
        "constructor",
        "toString",
        "toJSON",
        "then",
        "$error",
        "code",
        "value",
        "issues",
        "~standard",
        "length",
      ]);
      // as JSON.parse does it: an own property, whatever the name
      Object.defineProperty(object, key, {
        value: this.value(depth + 1),
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
    return object;
  }

  name(): unknown {
    return this.random() < 0.8
      ? this.pick(NAMES)
      : this.pick(["__proto__", "constructor", "toString", "other", "", "~standard", 7, 1e300]);
  }

  args(): unknown[] {
    const count = this.random() < 0.8 ? 1 : Math.floor(this.random() * 4);
    return Array.from({ length: count }, () => this.value());
  }
}

const fits = { id: MARK, list: [1], more: { at: "a" } };

describe("Contract > garbage", () => {
  it(
    `reaches no listener of the client's, and no ack, in ${PAYLOADS} payloads (CTR-19)`,
    { timeout: 600_000 },
    () => {
      const reported = vi.fn();
      vi.stubGlobal("reportError", reported);
      onTestFinished(() => void vi.unstubAllGlobals());
      const garbage = new Garbage(seeded(SEED));
      const { line, socket } = connectedSocket();
      let reports = 0;
      const heard: unknown[] = [];
      const under = contract(socket as never, events, { onViolation: () => reports++ });
      under.onAny((...args: unknown[]) => heard.push(args));
      for (const name of [...NAMES, "__proto__", "constructor", "other", "", "7"])
        (under as typeof socket).on(name, (...args: unknown[]) => heard.push(args));
      let acks = 0;
      for (let i = 0; i < PAYLOADS; i++) {
        if (garbage.random() < 0.5) {
          const id = garbage.random() < 0.2 ? String(i) : "";
          line.say(`2${id}${JSON.stringify([garbage.name(), ...garbage.args()])}`);
        } else {
          (under as typeof socket).emit(garbage.pick(NAMES), fits, (answer: unknown) =>
            heard.push(answer),
          );
          line.say(`3${acks++}${JSON.stringify(garbage.args())}`);
        }
        if (i % 1000 === 0) line.told();
      }
      expect([heard, reports, reported.mock.calls]).toEqual([[], PAYLOADS, []]);
      line.say(`2${JSON.stringify(["zod", fits])}`);
      expect(heard).toEqual([["zod", fits], [fits]]);
      expect(Object.keys({}.constructor.prototype as object)).toEqual([]);
    },
  );

  it(
    `reaches no handler of the server's in ${PAYLOADS} payloads, and is answered (CTR-19)`,
    { timeout: 600_000 },
    async () => {
      const garbage = new Garbage(seeded(SEED + 1));
      const heard: unknown[] = [];
      let reports = 0;
      let answers = 0;
      let connection: ((socket: unknown) => void) | undefined;
      const server = { on: (_event: string, listener: never) => (connection = listener) };
      const socket = {
        connected: true,
        conn: {},
        onevent: () => heard.push("past the contract"),
        acks: new Map<number, (answer: unknown) => void>(),
        packet: () => {},
        onack: ({ id, data }: { id: number; data: unknown[] }) => socket.acks.get(id)?.(data[0]),
        ack: () => (answer: { $error?: { code: string } }) => {
          if (answer.$error?.code === "REQUEST_VALIDATION_ERROR") answers++;
          else heard.push(answer);
        },
        run: (_event: unknown[], done: () => void) => done(),
        listenersAny: () => [(...args: unknown[]) => heard.push(args)],
        rawListeners: () => [(...args: unknown[]) => heard.push(args)],
      };
      guard(server, events, { onError: () => reports++ });
      connection?.(socket);
      const receive = socket.onevent as unknown as (packet: unknown) => void;
      let asked = 0;
      for (let i = 0; i < PAYLOADS; i++) {
        const isAsked = garbage.random() < 0.3;
        if (isAsked) asked++;
        const data = JSON.parse(JSON.stringify([garbage.name(), ...garbage.args()])) as unknown;
        receive(isAsked ? { data, id: i } : { data });
      }
      await new Promise((resolve) => process.nextTick(resolve));
      expect([heard, reports, answers]).toEqual([[], PAYLOADS, asked]);
      receive({ data: ["zod", fits] });
      await new Promise((resolve) => process.nextTick(resolve));
      expect(heard).toEqual([["zod", fits], [fits]]);
    },
  );
});

import { describe, expect, it } from "vitest";
import type { DedupeStore } from "../../../src/server/store.js";
import { serveDouble, turn } from "./server-double.js";

const say = (n: number): unknown[] => ["n", n];

describe("A socket that tabs share", () => {
  it("answers the question of each stream, and keeps their numbers apart", async () => {
    const { heard, join } = serveDouble();
    const client = join().ask("a", 1).ask("b", 2).ask("a", 3);
    expect(client.answers.map(([id]) => id)).toEqual([1, 2, 3]);
    for (const stream of ["a", "b", "a", "b"])
      for (const n of [1, 2]) client.say(n, ["n", stream, n], undefined, stream);
    await turn();
    expect(heard).toEqual([
      ["a", 1],
      ["a", 2],
      ["b", 1],
      ["b", 2],
    ]);
  });

  it("answers repetitions of each stream with what was answered first", async () => {
    const { join } = serveDouble();
    const client = join();
    client.socket.on("ask", (what: string, ack: (answer: string) => void) => ack(`to ${what}`));
    client.ask("a", 0).ask("b", 1);
    client.say(1, ["ask", "a"], 10, "a");
    client.say(1, ["ask", "b"], 11, "b");
    await turn();
    client.say(1, ["ask", "a"], 12, "a");
    client.say(1, ["ask", "b"], 13, "b");
    await turn();
    expect(client.answers.slice(2)).toEqual([
      [10, "to a"],
      [11, "to b"],
      [12, "to a"],
      [13, "to b"],
    ]);
  });

  it("remembers the streams that are used, however many others come and go", async () => {
    const { heard, join } = serveDouble();
    const client = join().ask("old");
    client.say(1, ["n", "once"], undefined, "old");
    for (let n = 0; n < 1000; n++) {
      client.ask(`s${n}`).say(1, ["other"], undefined, `s${n}`);
      client.say(1, ["n", "again"], undefined, "old");
    }
    await turn();
    expect(heard).toEqual([["once"]]);
  });

  it("loses nothing of a stream that was idle while many others came and went", async () => {
    const { heard, join } = serveDouble();
    const client = join().ask("idle");
    for (let n = 0; n < 1000; n++) client.ask(`s${n}`);
    client.say(1, ["n", "at last"], undefined, "idle");
    await turn();
    expect(heard).toEqual([["at last"]]);
  });

  it("keeps the order among the packets of all streams, and of those without a tag (DED-21)", async () => {
    const decide: ((isNew: boolean) => void)[] = [];
    const store: DedupeStore = {
      claim: () => new Promise((resolve) => decide.push(resolve)),
    } as unknown as DedupeStore;
    const { heard, join } = serveDouble({ store });
    const client = join().ask("a", 0).ask("b", 1);
    client.say(1, say(1), undefined, "a");
    client.say(1, say(2), undefined, "b");
    client.receive(say(3));
    await turn();
    decide[1]?.(true);
    await turn();
    expect(heard).toEqual([]);
    decide[0]?.(true);
    await turn();
    await turn();
    expect(heard).toEqual([[1], [2], [3]]);
  });
});

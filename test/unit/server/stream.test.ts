import { describe, expect, it } from "vitest";
import { Stream } from "../../../src/server/stream.js";

const never = new Promise<boolean>(() => {});

/** A promise, and how to fulfil it. */
function later(): [promise: Promise<boolean>, fulfil: (isNew: boolean) => void] {
  let fulfil: (isNew: boolean) => void = () => {};
  const promise = new Promise<boolean>((resolve) => (fulfil = resolve));
  return [promise, fulfil];
}

describe("Stream", () => {
  it("acts in the order of arrival, whatever is decided first", async () => {
    const stream = new Stream("s");
    const acts: unknown[] = [];
    const act = (name: string) => (isNew: boolean) => acts.push([name, isNew]);
    const [first, decideFirst] = later();
    const [third, decideThird] = later();
    stream.take(true, act("at once"));
    stream.take(first, act("first"));
    stream.take(true, act("second"));
    stream.take(third, act("third"));
    decideThird(false);
    await third;
    expect(acts).toEqual([["at once", true]]);
    decideFirst(true);
    await first;
    await third;
    stream.take(true, act("at once again"));
    expect(acts.slice(1)).toEqual([
      ["first", true],
      ["second", true],
      ["third", false],
      ["at once again", true],
    ]);
  });

  it("lets 100,000 wait; then the first is new, and none is lost", () => {
    const stream = new Stream("s");
    const acts: number[] = [];
    for (let n = 0; n < 100_000; n++) stream.take(never, () => acts.push(n));
    expect(acts).toEqual([]);
    for (let n = 100_000; n < 100_003; n++) stream.take(never, () => acts.push(n));
    expect(acts).toEqual([0, 1, 2]);
  });
});

import { TautlineError } from "../errors.js";
import type { NewPacket, OpenStore, OutboxStore } from "./store.js";

const packet = (number: number): NewPacket => ({
  data: `2["n",${number}]`,
  stream: "s",
  number,
  at: 1,
  tries: 0,
});

/**
 * Checks whether a store does what {@link OutboxStore} says. For the tests of an app. It stores packets, and removes
 * them again.
 *
 * @param open - as for the option `store`; it must give a store anew when it is asked again for the same scope
 * @throws TautlineError (rejects) `storage-failed`, with what is wrong in its message
 */
export async function checkStore(open: OpenStore): Promise<void> {
  const scope = "check " + Math.random();
  const store = open(scope);
  const expect = (isRight: boolean, rule: string): void => {
    if (!isRight) throw new TautlineError("storage-failed", `this store is wrong: ${rule}`);
  };
  const numbersOf = async (one: OutboxStore, after = 0, limit = 100): Promise<string> =>
    (await one.read(after, limit)).map(({ number }) => number).join();
  const added = await store.add([packet(1), packet(2), packet(3)]);
  const [one = 0, two = 0, three = 0] = added;
  expect(
    added.length === 3 && added.every(Number.isSafeInteger),
    "add() gives an id for each packet",
  );
  expect(0 < one && one < two && two < three, "ids rise, and are above 0");
  expect((await numbersOf(store)) === "1,2,3", "read(0, ..) gives all, in order");
  expect(
    (await numbersOf(store, one, 1)) === "2",
    "read() begins above `after`, and ends at `limit`",
  );
  expect((await store.count()) === 3, "count() counts");
  expect(
    (await numbersOf(open(scope))) === "1,2,3",
    "a store that is opened again has what was added",
  );
  expect((await numbersOf(open(scope + "'s other"))) === "", "scopes share nothing");

  const bytes = Uint8Array.of(0, 128, 255);
  const full = {
    ...packet(4),
    data: ["51-", bytes, bytes.slice().buffer],
    kinds: "tbb",
    expires: 5,
  };
  const [four = 0] = await store.add([full]);
  const [read] = await open(scope).read(three, 1);
  const frames = (read?.data ?? []) as (string | Uint8Array<ArrayBuffer> | ArrayBuffer)[];
  const texts = frames.map((frame) =>
    typeof frame === "string" ? frame : new Uint8Array(frame).join(),
  );
  expect(texts.join("|") === "51-|0,128,255|0,128,255", "binary data is kept");
  const { kinds, expires, stream, number, at, tries } = read ?? packet(0);
  expect(
    [kinds, expires, stream, number, at, tries].join() === "tbb,5,s,4,1,0",
    "all parts of a packet are kept",
  );
  const [plain] = await store.read(0, 1);
  expect(
    !!plain && plain.expires === undefined && plain.kinds === undefined,
    "what is not there stays so",
  );

  await store.update({ ...packet(2), id: two, tries: 7 });
  expect((await store.read(one, 1))[0]?.tries === 7, "update() takes the place of a packet");
  expect((await numbersOf(store)) === "1,2,3,4", "update() leaves the order as it is");
  await store.remove([one, two, four, four + 1000]);
  await store.update({ ...packet(1), id: one });
  expect((await numbersOf(open(scope))) === "3", "remove() removes, and update() adds nothing");
  await store.remove([three]);
  const again = open(scope);
  const [five = 0] = await again.add([packet(5)]);
  expect(five > four, "ids of packets that were removed are not given again");
  const both = await Promise.all([again.add([packet(6), packet(7)]), again.add([packet(8)])]);
  const ids = both.flat();
  const order = [6, 7, 8].sort((a, b) => (ids[a - 6] ?? 0) - (ids[b - 6] ?? 0));
  expect((await numbersOf(again)) === [5, ...order].join(), "calls may be made at the same time");
  await again.add([]);
  await again.remove([]);
  await again.remove([five, ...ids]);
  expect((await again.count()) === 0, "nothing is left");
}

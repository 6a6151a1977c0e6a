import { afterEach, describe, expect, it } from "vitest";
import { network, type TestNetwork } from "../../../src/test-kit/index.js";

const ADDRESS = "http://chat.test";
let net: TestNetwork | undefined;

function open(options?: Parameters<typeof network>[0]): TestNetwork {
  return (net = network(options));
}

afterEach(async () => {
  await net?.close();
  net = undefined;
});

describe("Chance of a host", () => {
  it("fills the array that it is given, whatever its type", () => {
    open();
    for (const array of [
      new Uint8Array(16),
      new Int8Array(16),
      new Uint8ClampedArray(16),
      new Uint16Array(16),
      new Int32Array(16),
      new Uint32Array(16),
      new BigUint64Array(16),
      new BigInt64Array(16),
    ]) {
      expect(crypto.getRandomValues(array)).toBe(array);
      expect(new Set<unknown>(array).size).toBeGreaterThan(8);
    }
    const wrong = (): unknown => crypto.getRandomValues(new Float32Array(1) as never);
    expect(wrong).toThrow("whole numbers");
    expect(() => crypto.getRandomValues(new Uint8Array(65_537))).toThrow("65536");
  });

  it("draws ids from the seed", async () => {
    const ids: string[] = [];
    for (let run = 0; run < 2; run++) {
      const one = open({ seed: 3 });
      ids.push(crypto.randomUUID());
      await one.close();
    }
    expect(ids[0]).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    expect(ids[1]).toBe(ids[0]);
  });
});

describe("The end of a network", () => {
  it("gives the globals back, also when the app throws meanwhile", async () => {
    const before = [setTimeout, fetch, Math.random, Date.now];
    const one = open();
    one.server(ADDRESS).on("connection", (far) => {
      far.on("disconnect", () => {
        throw new Error("in a disconnect handler");
      });
    });
    const socket = one.io(ADDRESS);
    await one.until(() => socket.connected);
    await expect(one.close()).rejects.toThrow("in a disconnect handler");
    expect([setTimeout, fetch, Math.random, Date.now]).toEqual(before);
    open();
  });
});

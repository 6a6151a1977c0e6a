import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { memory as part, TransportMemory } from "../../../src/engine/memory.js";

let place = "";
let count = 0;

beforeEach(() => {
  vi.useFakeTimers();
  // what is remembered lives as long as the module
  place = `http://place-${++count}.test/socket.io/`;
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A store as a host may offer it. */
function store(initial?: string) {
  const values = new Map<string, string>(initial === undefined ? [] : [["tautline", initial]]);
  const fake = {
    getItem: vi.fn((key: string) => values.get(key) ?? null),
    setItem: vi.fn((key: string, value: string) => void values.set(key, value)),
  };
  vi.stubGlobal("localStorage", fake);
  return { ...fake, values };
}

describe("TransportMemory", () => {
  it("knows nothing at first", () => {
    expect(new TransportMemory(place).recall("websocket")).toBeUndefined();
  });

  it("is the same for everybody at one place, and another one elsewhere (TRA-18)", () => {
    new TransportMemory(place).note("websocket", false);
    expect(new TransportMemory(place).recall("websocket")).toMatchObject({ worked: false });
    expect(new TransportMemory(place + "other").recall("websocket")).toBeUndefined();
  });

  it("counts failures until the transport is proven", () => {
    const memory = new TransportMemory(place);
    memory.note("websocket", false);
    memory.note("websocket", false);
    expect(memory.recall("websocket")?.fails).toBe(2);
    memory.note("websocket", true);
    expect(memory.recall("websocket")).toMatchObject({ worked: true, fails: 2 });
    memory.prove("websocket");
    expect(memory.recall("websocket")).toMatchObject({ worked: true, fails: 0 });
  });

  it("counts no failure where a transport was only slow (TRA-21)", () => {
    const memory = new TransportMemory(place);
    memory.note("websocket", false, true);
    expect(memory.recall("websocket")).toMatchObject({ worked: false, fails: 0 });
  });

  it("forgets after half an hour (TRA-19)", () => {
    const memory = new TransportMemory(place);
    memory.note("websocket", false);
    vi.advanceTimersByTime(29 * 60_000);
    expect(memory.recall("websocket")).toBeDefined();
    vi.advanceTimersByTime(60_000);
    expect(memory.recall("websocket")).toBeUndefined();
  });

  it("trusts no note from the future either", () => {
    const memory = new TransportMemory(place);
    memory.note("websocket", false);
    vi.setSystemTime(Date.now() - 3_600_000);
    expect(memory.recall("websocket")).toBeUndefined();
  });

  it("forgets failures, and only those, when the network is another one (TRA-24)", () => {
    const memory = new TransportMemory(place);
    memory.note("websocket", false);
    memory.note("polling", true);
    part.forgetFailures();
    expect([memory.recall("websocket"), memory.recall("polling")?.worked]).toEqual([
      undefined,
      true,
    ]);
  });

  it("forgets all transports but the one that is named", () => {
    const memory = new TransportMemory(place);
    for (const name of ["websocket", "webtransport", "polling"]) memory.note(name, true);
    memory.forgetAllBut("polling");
    expect(["websocket", "webtransport"].map((name) => memory.recall(name))).toEqual([
      undefined,
      undefined,
    ]);
    expect(memory.recall("polling")?.worked).toBe(true);
  });

  it.each(["__proto__", "constructor", "toString"])(
    "takes %s for a name like any other",
    (name) => {
      const memory = new TransportMemory(place, true);
      expect(memory.recall(name)).toBeUndefined();
      memory.note(name, true);
      expect(memory.recall(name)?.worked).toBe(true);
    },
  );

  describe("that is to last", () => {
    it("writes what it learns beside what others wrote", () => {
      const { values } = store(
        JSON.stringify({ elsewhere: { polling: { worked: true, at: Date.now() } } }),
      );
      new TransportMemory(place, true).note("websocket", true);
      const written = JSON.parse(values.get("tautline") as string) as object;
      expect(written).toMatchObject({
        elsewhere: { polling: { worked: true } },
        [place]: { websocket: { worked: true } },
      });
    });

    it("keeps the youngest 20 places, and none that is of no use any more (TRA-26)", () => {
      const note = (age: number) => ({ websocket: { worked: true, at: Date.now() - age } });
      // the oldest first, as others may have left them
      const kept = Object.fromEntries(
        Array.from({ length: 100 }, (_, i) => [`http://p${99 - i}.test`, note((99 - i) * 60_000)]),
      );
      const { values } = store(JSON.stringify({ ...kept, broken: 5, gone: null }));
      new TransportMemory(place, true).note("websocket", true);
      const written = Object.keys(JSON.parse(values.get("tautline") as string) as object);
      expect(written).toEqual([
        place,
        ...Array.from({ length: 19 }, (_, i) => `http://p${i}.test`),
      ]);
      vi.advanceTimersByTime(20 * 60_000);
      new TransportMemory(place, true).note("websocket", true);
      expect(Object.keys(JSON.parse(values.get("tautline") as string) as object)).toHaveLength(11);
    });

    it("writes the last note of a place over the one before", () => {
      const { values } = store();
      const memory = new TransportMemory(place, true);
      memory.note("websocket", true);
      memory.note("websocket", false);
      const written = JSON.parse(values.get("tautline") as string) as object;
      expect(written).toMatchObject({ [place]: { websocket: { worked: false, fails: 1 } } });
    });

    it("reads what it wrote before (TRA-25)", () => {
      const note = { worked: false, at: Date.now(), fails: 3 };
      store(JSON.stringify({ [place]: { websocket: note } }));
      expect(new TransportMemory(place, true).recall("websocket")).toEqual(note);
    });

    it("leaves the store alone when it is not asked to", () => {
      const { getItem, setItem } = store();
      new TransportMemory(place).note("websocket", true);
      expect([getItem.mock.calls, setItem.mock.calls]).toEqual([[], []]);
    });

    it.each([
      "",
      "x",
      "null",
      "5",
      "[]",
      '"text"',
      "{}",
      `{"PLACE":null}`,
      `{"PLACE":5}`,
      `{"PLACE":{"websocket":null}}`,
      `{"PLACE":{"websocket":{}}}`,
      `{"PLACE":{"websocket":{"worked":"yes","at":NOW}}}`,
      `{"PLACE":{"websocket":{"worked":true,"at":"now"}}}`,
      `{"elsewhere":{"websocket":null}}`,
      `{"__proto__":{"websocket":{"worked":true,"at":1}}}`,
    ])("takes %s in the store for nothing, and can write (TRA-27)", (garbage) => {
      const { values } = store(garbage.replace("PLACE", place).replace("NOW", String(Date.now())));
      const memory = new TransportMemory(place, true);
      expect(memory.recall("websocket")).toBeUndefined();
      memory.note("polling", true);
      expect(memory.recall("polling")?.worked).toBe(true);
      expect(values.get("tautline")).toContain("polling");
    });

    it("does without a store (TRA-27)", () => {
      vi.stubGlobal("localStorage", undefined);
      const memory = new TransportMemory(place, true);
      memory.note("websocket", true);
      expect(memory.recall("websocket")?.worked).toBe(true);
    });

    it.each(["getItem", "setItem"] as const)(
      "does without a store whose %s throws (TRA-27)",
      (method) => {
        const fake = store();
        vi.stubGlobal("localStorage", {
          ...fake,
          [method]: () => {
            throw new DOMException("full", "QuotaExceededError");
          },
        });
        const memory = new TransportMemory(place, true);
        memory.note("websocket", true);
        expect(memory.recall("websocket")?.worked).toBe(true);
      },
    );

    it("does without a store that can't even be looked at (TRA-27)", () => {
      vi.stubGlobal("localStorage", undefined);
      Object.defineProperty(globalThis, "localStorage", {
        configurable: true,
        get() {
          throw new DOMException("denied", "SecurityError");
        },
      });
      const memory = new TransportMemory(place, true);
      memory.note("websocket", true);
      expect(memory.recall("websocket")?.worked).toBe(true);
    });
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { IdleSockets } from "../../../src/manager/sockets.js";

/** Plays the collector: what is `collect`ed is gone for everybody who has it weakly. */
class Collector {
  readonly gone = new Set<object>();
  readonly registered = new Map<object, () => void>();

  install(): void {
    const { gone, registered } = this;
    vi.stubGlobal(
      "WeakRef",
      class {
        constructor(readonly target: object) {}
        deref(): object | undefined {
          return gone.has(this.target) ? undefined : this.target;
        }
      },
    );
    vi.stubGlobal(
      "FinalizationRegistry",
      class {
        constructor(readonly told: (name: string) => void) {}
        register(target: object, name: string): void {
          registered.set(target, () => this.told(name));
        }
        unregister(target: object): void {
          registered.delete(target);
        }
      },
    );
  }

  collect(target: object): void {
    this.gone.add(target);
    this.registered.get(target)?.();
  }
}

describe("IdleSockets", () => {
  const collector = new Collector();
  let sockets: IdleSockets<object>;
  const socket = (name: string): object => {
    const made = { name };
    sockets.keep("/" + name, made);
    return made;
  };

  beforeEach(() => {
    collector.install();
    sockets = new IdleSockets();
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it("gives the same one while somebody has it", () => {
    const a = socket("a");
    sockets.loosen("/a", a);
    expect(sockets.get("/a")).toBe(a);
    expect(sockets.get("/b")).toBeUndefined();
  });

  it("forgets a loosened one with its last reference", () => {
    const a = socket("a");
    sockets.loosen("/a", a);
    collector.collect(a);
    expect(sockets.get("/a")).toBeUndefined();
  });

  it("has nothing to do with one that is connected again", () => {
    const a = socket("a");
    sockets.loosen("/a", a);
    sockets.release("/a", a);
    expect(collector.registered.has(a)).toBe(false);
    expect(sockets.get("/a")).toBeUndefined();
  });

  it("asks once to be told, however often one is loosened", () => {
    const a = socket("a");
    const register = vi.spyOn(FinalizationRegistry.prototype, "register");
    sockets.loosen("/a", a);
    sockets.loosen("/a", a);
    expect(register.mock.calls).toEqual([[a, "/a", a]]);
  });

  it("keeps a new one of the name when the old one is gone late", () => {
    const old = socket("a");
    sockets.loosen("/a", old);
    collector.gone.add(old);
    const next = socket("a");
    collector.collect(old);
    expect(sockets.get("/a")).toBe(next);
  });

  it("keeps all where the host has no weak references", () => {
    vi.stubGlobal("WeakRef", undefined);
    vi.stubGlobal("FinalizationRegistry", undefined);
    const a = socket("a");
    sockets.loosen("/a", a);
    expect(sockets.get("/a")).toBe(a);
  });
});

import { describe, expect, it } from "vitest";
import {
  type AppStateLike,
  type NetInfoLike,
  type NetInfoStateLike,
  type NetworkEvent,
  reactNativeSignals,
} from "../../../src/react-native.js";

/** AppState and NetInfo as a test plays them. */
class Phone {
  readonly #app = new Set<(state: string) => void>();
  readonly #net = new Set<(state: NetInfoStateLike) => void>();
  readonly heard: NetworkEvent[] = [];

  /** @param known - NetInfo tells each new listener what it knows already */
  constructor(readonly known?: NetInfoStateLike) {}

  readonly AppState: AppStateLike = {
    addEventListener: (_type, listener) => {
      this.#app.add(listener);
      return { remove: () => this.#app.delete(listener) };
    },
  };

  readonly NetInfo: NetInfoLike = {
    addEventListener: (listener) => {
      this.#net.add(listener);
      if (this.known) listener(this.known);
      return () => this.#net.delete(listener);
    },
  };

  get listeners(): number {
    return this.#app.size + this.#net.size;
  }

  subscribe(parts: Parameters<typeof reactNativeSignals>[0] = this): () => void {
    return reactNativeSignals(parts).subscribe((event) => this.heard.push(event));
  }

  become(...states: string[]): this {
    for (const state of states) for (const listener of this.#app) listener(state);
    return this;
  }

  network(...states: NetInfoStateLike[]): this {
    for (const state of states) for (const listener of this.#net) listener(state);
    return this;
  }
}

const wifi = { isConnected: true, type: "wifi" };
const at = (ipAddress: string | null) => ({ ...wifi, details: { ipAddress } });
const cellular = { isConnected: true, type: "cellular" };
const none = { isConnected: false, type: "none" };
const unknown = { isConnected: null, type: "unknown" };

describe("reactNativeSignals", () => {
  it.each([
    { states: ["background", "active"], signals: ["wake"] },
    { states: ["inactive", "background", "inactive", "active"], signals: ["wake"] },
    { states: ["inactive", "active"], signals: [] },
    { states: ["active"], signals: [] },
    { states: ["background"], signals: [] },
    {
      states: ["background", "active", "active", "background", "active"],
      signals: ["wake", "wake"],
    },
  ])("tells of an app that becomes $states: $signals (RNA-15)", ({ states, signals }) => {
    const phone = new Phone();
    phone.subscribe();
    expect(phone.become(...states).heard).toEqual(signals);
  });

  it.each([
    { what: "the first report, connected", states: [wifi], signals: [] },
    { what: "the first report, not connected", states: [none], signals: ["offline"] },
    {
      what: "another network of the same type",
      states: [at("10.0.0.7"), at("192.168.1.5")],
      signals: ["networkchange"],
    },
    {
      what: "an address that is not known",
      states: [at("10.0.0.7"), at(null), { ...wifi, details: null }, wifi, at("10.0.0.8")],
      signals: [],
    },
    {
      what: "a network that goes and returns",
      states: [wifi, none, wifi],
      signals: ["offline", "online"],
    },
    { what: "another type of network", states: [wifi, cellular], signals: ["networkchange"] },
    { what: "the same network again", states: [wifi, { ...wifi }], signals: [] },
    { what: "one not known yet", states: [unknown, wifi, unknown, wifi], signals: [] },
    {
      what: "another one after a gap",
      states: [wifi, none, cellular],
      signals: ["offline", "online"],
    },
  ])("tells of $what: $signals (RNA-14)", ({ states, signals }) => {
    const phone = new Phone();
    phone.subscribe();
    expect(phone.network(...states).heard).toEqual(signals);
  });

  it("tells what NetInfo knows already", () => {
    const phone = new Phone(none);
    phone.subscribe();
    expect(phone.network(wifi).heard).toEqual(["offline", "online"]);
  });

  it("tells nothing any more, and listens to nothing, when it is undone", () => {
    const phone = new Phone();
    const stop = phone.subscribe();
    expect(phone.listeners).toBe(2);
    stop();
    expect(phone.listeners).toBe(0);
    phone.become("background", "active").network(wifi, none);
    expect(phone.heard).toEqual([]);
  });

  it.each(["AppState", "NetInfo"] as const)("does with %s alone (RNA-17)", (part) => {
    const phone = new Phone();
    const stop = phone.subscribe({ [part]: phone[part] });
    phone.become("background", "active").network(wifi, none);
    stop();
    expect(phone.heard).toEqual([part === "AppState" ? "wake" : "offline"]);
    expect(phone.listeners).toBe(0);
  });

  it("stands an AppState whose addEventListener returns nothing, as in old releases", () => {
    const phone = new Phone();
    const stop = phone.subscribe({ AppState: { addEventListener() {} } });
    expect(stop).not.toThrow();
  });
});

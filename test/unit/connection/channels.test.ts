import { describe, expect, it } from "vitest";
import { Channels } from "../../../src/connection/channels.js";
import type { Channel } from "../../../src/connection/channel.js";

function channel(nsp: string, drained: () => void = () => {}): Channel {
  return { nsp, drained } as unknown as Channel;
}

describe("Channels", () => {
  it("know each by its namespace, and nobody else", () => {
    const channels = new Channels();
    const odd = channel("/__proto__");
    channels.add(odd);
    expect([channels.get("/__proto__"), channels.get("/constructor")]).toEqual([odd, undefined]);
  });

  it("tell when the last one leaves that needed the connection", () => {
    const channels = new Channels();
    const [a, b] = [channel("/a"), channel("/b")];
    for (const one of [a, b, a]) channels.join(one);
    expect([a, a, b, b].map((one) => channels.leave(one))).toEqual([false, false, true, false]);
  });

  it("unblock those who wait, first come first served, each once", () => {
    const channels = new Channels();
    const told: string[] = [];
    const a = channel("/a", () => {
      told.push("a");
      channels.block(a);
    });
    const b = channel("/b", () => told.push("b"));
    for (const one of [b, a, b]) channels.block(one);
    channels.unblock();
    expect(told).toEqual(["b", "a"]);
    channels.unblock();
    expect(told).toEqual(["b", "a", "a"]);
  });

  it("unblock nobody who has left", () => {
    const channels = new Channels();
    const told: string[] = [];
    const a = channel("/a", () => told.push("a"));
    channels.join(a);
    channels.block(a);
    channels.leave(a);
    channels.unblock();
    expect(told).toEqual([]);
  });

  it("can be walked while others are added", () => {
    const channels = new Channels();
    channels.add(channel("/a"));
    const seen: string[] = [];
    channels.forEach(({ nsp }) => {
      seen.push(nsp);
      channels.add(channel("/b"));
    });
    expect(seen).toEqual(["/a"]);
  });
});

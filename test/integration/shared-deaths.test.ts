import { describe, expect, it, vi } from "vitest";
import { atLeastOnce, exactlyOnce } from "../../src/delivery/index.js";
import { dedupe } from "../../src/server/index.js";
import type { Socket } from "../../src/index.js";
import { serve } from "../support/harness.js";
import { seeded } from "../../src/test-kit/seeded.js";
import { AppTab } from "../support/shared.js";
import { FakeBrowser } from "../support/tabs.js";

const TABS = 5;
const DEATHS = 25;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A tab, what it has emitted, and what it has heard. */
interface Seen {
  tab: AppTab;
  socket: Socket;
  name: string;
  emitted: number;
  heard: number[];
}

describe("Tabs whose hosts die", () => {
  it.each([
    ["at least once", atLeastOnce],
    ["exactly once", exactlyOnce],
  ])("lose nothing: %s (SHR-17)", { timeout: 60_000 }, async (what, delivery) => {
    const chance = seeded(7);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(chance() * list.length)] as T;
    const { io, url } = await serve({ connectionStateRecovery: {} });
    const received = new Map<string, number[]>();
    let ids = 0;
    let sent = 0;
    dedupe(io);
    io.on("connection", (socket) => {
      socket.on("up", (name: string, n: number, ack?: () => void) => {
        received.set(name, [...(received.get(name) ?? []), n]);
        ack?.();
      });
    });
    const browser = new FakeBrowser();
    const seen = new Set<Seen>();
    const open = (): void => {
      const tab = new AppTab(browser);
      const socket = tab.connect(url, { delivery: delivery(), reconnectionDelay: 10 });
      const one: Seen = { tab, socket, name: `tab ${++ids}`, emitted: 0, heard: [] };
      socket.on("down", (n: number) => one.heard.push(n));
      seen.add(one);
    };
    for (let i = 0; i < TABS; i++) open();
    const emit = (): void => {
      for (const one of seen) if (chance() < 0.5) one.socket.emit("up", one.name, ++one.emitted);
      io.emit("down", ++sent);
    };
    for (let death = 0; death < DEATHS; death++) {
      const all = [...seen];
      const host = all.find(({ socket }) => socket.shared?.role === "host") ?? pick(all);
      for (let i = 0; i < 5; i++) {
        emit();
        if (chance() < 0.7) await pause(chance() * 12);
      }
      const how = pick(["crash", "close", "freeze", "reload"] as const);
      if (how === "freeze") host.tab.tab.fire("freeze");
      else if (how === "crash") host.tab.crash();
      else host.tab.close();
      if (how !== "freeze") {
        seen.delete(host);
        open();
      }
    }
    await vi.waitFor(
      () => {
        for (const { name, emitted } of seen)
          expect(new Set(received.get(name) ?? []).size, name).toBe(emitted);
      },
      { timeout: 30_000 },
    );
    for (const { name, emitted } of seen) {
      const got = received.get(name) ?? [];
      if (what === "exactly once")
        expect(got, name).toEqual(Array.from({ length: emitted }, (_, i) => i + 1));
    }
    // of what the server sends, a tab that has not missed a session hears each event once, in order
    for (const { heard, name } of seen)
      expect(
        heard.every((n, i) => !i || n > (heard[i - 1] as number)),
        `${name}: ${heard.join(" ")}`,
      ).toBe(true);
    await expect.poll(() => io.engine.clientsCount).toBe(1);
  });
});

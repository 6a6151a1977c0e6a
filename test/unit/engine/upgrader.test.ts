import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Engine } from "../../../src/index.js";
import { isolate, scriptedClient } from "../../support/scripted-client.js";
import { scriptedTransport } from "../../support/scripted-transport.js";

beforeEach(() => isolate());

/** Open over polling, at a server that offers two better transports. */
function polling() {
  const Polling = scriptedTransport("polling", { streams: false });
  const First = scriptedTransport("webtransport");
  const Second = scriptedTransport("websocket");
  const client = scriptedClient(
    {
      reconnection: false,
      // what is remembered of transports at a place lives as long as the module
      path: `/${Math.random()}`,
      transports: [Polling, First, Second],
    },
    Polling,
  );
  client.transport.shakeHands({ upgrades: ["webtransport", "websocket"], pingInterval: 100_000 });
  const engine = client.manager.engine as Engine;
  const errors: string[] = [];
  engine.on("upgradeError", ({ code, message }) => errors.push(`${code}: ${message}`));
  return { engine, First, Second, errors };
}

describe("Upgrader", () => {
  it("tries the next transport when one fails, and all of them again later (UPG-7)", () => {
    const { First, Second, errors } = polling();
    expect([First.opened.length, Second.opened.length]).toEqual([1, 0]);
    First.latest.fail();
    expect([First.opened.length, Second.opened.length]).toEqual([1, 1]);
    Second.latest.fail();
    expect(errors).toEqual([
      "transport-error: webtransport error",
      "websocket-blocked: websocket error",
    ]);
    vi.advanceTimersByTime(59_999);
    expect(First.opened.length).toBe(1);
    vi.advanceTimersByTime(1);
    expect([First.opened.length, Second.opened.length]).toEqual([2, 1]);
  });

  it.each(["transport", "try"])(
    "leaves no next %s behind when a listener ends the session",
    (next) => {
      const { engine, First, Second } = polling();
      if (next === "try") First.latest.fail();
      engine.on("upgradeError", () => engine.close());
      (next === "try" ? Second : First).latest.fail();
      expect([engine.readyState, Second.latest.state]).toEqual(["closed", "closed"]);
      expect(vi.getTimerCount()).toBe(0);
    },
  );
});

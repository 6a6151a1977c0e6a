/** A connect that began while the page slept may hang: a wake begins another one beside it. */
import { beforeEach, describe, expect, it, vi } from "vitest";
import {
  isolate,
  scriptedClient,
  type ScriptedClient,
  settle,
} from "../../support/scripted-client.js";
import { networkDouble } from "../../support/network-double.js";
import type { ScriptedTransport } from "../../support/scripted-transport.js";

beforeEach(() => isolate());

interface Scene {
  client: ScriptedClient;
  first: ScriptedTransport;
  second: ScriptedTransport;
  wake: () => void;
}

function woken(options = {}): Scene {
  const network = networkDouble();
  const client = scriptedClient({ network, reconnectionDelay: 1000, ...options });
  client.socket();
  network.tell("wake");
  const [first, second] = client.Scripted.opened as [ScriptedTransport, ScriptedTransport];
  return { client, first, second, wake: () => network.tell("wake") };
}

const LET_IN = '40{"sid":"a"}';

describe("A connect that may hang, after a wake", () => {
  it.each([
    ["the first", 0],
    ["the second", 1],
  ])("is raced by one fresh try: %s to open is the connection (SIG-13)", async (_which, winner) => {
    const { client, first, second } = woken();
    const won = [first, second][winner] as ScriptedTransport;
    const lost = [first, second][1 - winner] as ScriptedTransport;
    won.shakeHands();
    await settle();
    won.say(LET_IN);
    expect(client.told()).toEqual(["open", "connect"]);
    expect([client.tries, won.state, lost.state]).toEqual([2, "open", "closed"]);
    won.say("2");
    await settle();
    expect(won.sent).toEqual(["40", "3"]);
  });

  it("is raced once (SIG-13)", () => {
    const { client, wake } = woken();
    wake();
    wake();
    expect(client.tries).toBe(2);
  });

  it.each([
    ["first", 0],
    ["second", 1],
  ])("goes on while the other one tries, when the %s fails (SIG-14)", async (_which, failing) => {
    const { client, first, second } = woken();
    const both = [first, second];
    both[failing]?.fail();
    await settle();
    expect([client.told(), client.manager.state]).toEqual([[], "opening"]);
    both[1 - failing]?.shakeHands();
    await settle();
    expect(client.told()).toEqual(["open"]);
  });

  it("fails once, when both have failed, and keeps to the schedule (SIG-14)", async () => {
    const { client, first, second } = woken();
    first.fail();
    await settle();
    second.fail();
    await settle();
    expect(client.told()).toEqual(["connect_error unreachable", "error unreachable"]);
    expect(client.manager.state).toBe("waiting");
    await vi.advanceTimersByTimeAsync(999);
    expect(client.tries).toBe(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(client.tries).toBe(3);
  });

  it("is given up together after the timeout (SIG-15)", async () => {
    const { client, first, second } = woken({ timeout: 300, reconnection: false });
    await vi.advanceTimersByTimeAsync(300);
    expect([first.state, second.state, client.manager.state]).toEqual([
      "closed",
      "closed",
      "failed",
    ]);
    expect(client.told()).toEqual(["connect_error timeout", "error timeout"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("leaves nothing behind when it is closed", async () => {
    const { client, first, second } = woken();
    client.manager._close();
    await settle();
    expect([first.state, second.state, vi.getTimerCount()]).toEqual(["closed", "closed", 0]);
    expect(client.manager.state).toBe("closed");
  });
});

describe("A host that says that there is no network", () => {
  it.each([
    ["http://unit.test", "offline"],
    ["http://localhost:3000", "waiting"],
    ["http://127.0.0.1", "waiting"],
  ])("is heeded for %s: %s (SIG-16)", async (uri, state) => {
    const network = networkDouble();
    const client = scriptedClient({ network, autoConnect: false });
    client.manager.uri = uri;
    client.manager.open();
    await client.fail();
    network.tell("offline");
    expect(client.manager.state).toBe(state);
  });
});

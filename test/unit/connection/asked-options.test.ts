/** `query` and `extraHeaders` as functions: asked for each session. */
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ManagerOptions, TautlineError } from "../../../src/index.js";
import { isolate, scriptedClient, settle } from "../../support/scripted-client.js";
import { scriptedTransport } from "../../support/scripted-transport.js";

beforeEach(() => isolate());

function asking(options: ManagerOptions) {
  const Scripted = scriptedTransport();
  const client = scriptedClient({ reconnectionDelay: 1000, ...options }, Scripted);
  const errors: TautlineError[] = [];
  client.manager.on("error", (error) => errors.push(error));
  return { client, Scripted, errors };
}

const cause = new Error("no token");

describe("A query and headers that are functions", () => {
  it("are asked at each connect (CON-24)", async () => {
    let turn = 0;
    const { client, Scripted } = asking({
      query: () => ({ turn: ++turn }),
      extraHeaders: () => ({ "x-turn": `${turn}` }),
    });
    await settle();
    client.shakeHands();
    await client.fail();
    await vi.advanceTimersByTimeAsync(1000);
    expect(
      Scripted.opened.map(({ query, options }) => [query["turn"], options.extraHeaders]),
    ).toEqual([
      [1, { "x-turn": "1" }],
      [2, { "x-turn": "2" }],
    ]);
  });

  it("are asked once for all transports of a session (CON-25)", async () => {
    const query = vi.fn(() => ({ a: 1 }));
    const Polling = scriptedTransport("polling", { streams: false });
    const Stream = scriptedTransport("websocket");
    const path = `/${Math.random()}`;
    const client = scriptedClient({ transports: [Polling, Stream], query, path }, Polling);
    await settle();
    client.shakeHands({ upgrades: ["websocket"] });
    expect([Polling.latest.query["a"], Stream.latest.query["a"]]).toEqual([1, 1]);
    expect(query).toHaveBeenCalledOnce();
  });

  it("may give a text, and the address's own query wins", async () => {
    const { client, Scripted } = asking({ query: () => "a=1&b=2", autoConnect: false });
    client.manager.uri = "http://unit.test/?b=3";
    client.manager.open();
    await settle();
    expect(Scripted.latest.query).toMatchObject({ a: "1", b: "3" });
  });

  it("may return promises: the session is there, and opens when they are kept (CON-26)", async () => {
    let keep = (_query: object): void => {};
    const { client, Scripted } = asking({
      query: () => new Promise<Record<string, unknown>>((resolve) => (keep = resolve as never)),
      extraHeaders: () => Promise.resolve({ "x-a": "1" }),
    });
    await settle();
    expect([client.manager.engine?.readyState, Scripted.opened.length]).toEqual(["opening", 0]);
    keep({ token: "t" });
    await settle();
    expect(Scripted.latest.query["token"]).toBe("t");
    expect(Scripted.latest.options.extraHeaders).toEqual({ "x-a": "1" });
  });

  it.each<[string, ManagerOptions]>([
    ["undefined", { query: () => undefined as never, extraHeaders: () => undefined as never }],
    ["null", { query: () => null as never, extraHeaders: () => null as never }],
  ])("may say that there is none (%s)", async (_what, options) => {
    const { Scripted } = asking(options);
    await settle();
    expect(Object.keys(Scripted.latest.query)).toEqual(["EIO", "transport"]);
    expect(Scripted.latest.options.extraHeaders).toBeUndefined();
  });

  const thrower = (): never => {
    throw cause;
  };
  it.each<[string, ManagerOptions]>([
    ["a query that throws", { query: thrower }],
    ["a query that rejects", { query: () => Promise.reject(cause) }],
    ["headers that throw", { extraHeaders: thrower }],
    ["headers that reject", { extraHeaders: () => Promise.reject(cause) }],
    ["a number for a query", { query: () => 5 as never }],
    ["a function for a query", { query: () => thrower as never }],
    ["a promise of true for headers", { extraHeaders: () => Promise.resolve(true as never) }],
    ["headers that are no text", { extraHeaders: () => ({ "x-a": undefined }) as never }],
    ["headers that can't be sent", { extraHeaders: () => ({ "x-a": "a\n1" }) }],
    ["a query that is no text", { query: () => ({ a: "\ud800" }) }],
    ["a then that throws", { query: () => ({ then: thrower }) }],
  ])("end the connect with invalid-option: %s", async (_what, options) => {
    const { client, errors, Scripted } = asking({
      ...options,
      autoConnect: false,
      reconnection: false,
    });
    client.manager.open();
    await settle();
    expect(errors).toMatchObject([{ code: "invalid-option", isFinal: true }]);
    expect([client.manager.state, Scripted.opened.length]).toEqual(["failed", 0]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("are asked again after they failed (CON-27)", async () => {
    const query = vi.fn(() => ({ a: 1 })).mockImplementationOnce(thrower);
    const { client } = asking({ query });
    await settle();
    expect(client.tries).toBe(0);
    await vi.advanceTimersByTimeAsync(1000);
    expect(client.tries).toBe(1);
  });

  it("have as long as a connect may take (CON-26)", async () => {
    const { errors, Scripted } = asking({ query: () => new Promise(() => {}), timeout: 3000 });
    await vi.advanceTimersByTimeAsync(3000);
    expect(errors).toMatchObject([{ code: "timeout" }]);
    expect(Scripted.opened.length).toBe(0);
  });

  it("begin nothing when the app has left meanwhile", async () => {
    let keep = (): void => {};
    const query = (): Promise<string> => new Promise((resolve) => (keep = () => resolve("a=1")));
    const { client, Scripted } = asking({ query });
    client.manager._close();
    keep();
    await settle();
    expect([Scripted.opened.length, vi.getTimerCount()]).toEqual([0, 0]);
  });
});

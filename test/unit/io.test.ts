import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { signals } from "../../src/connection/vigil.js";
import { atLeastOnce } from "../../src/delivery/index.js";
import { createRetries } from "../../src/delivery/retries.js";
import {
  createIo,
  io,
  type LookupOptions,
  Manager,
  type Parts,
  type Socket,
} from "../../src/index.js";
import { createParserCodec } from "../../src/protocol/parser-codec.js";
import { isolate, settle } from "../support/scripted-client.js";
import { scriptedTransport } from "../support/scripted-transport.js";

beforeEach(() => isolate());

let hosts = 0;
const host = () => `lookup-${++hosts}.test`;

function open(address?: string, options: LookupOptions = {}): Socket {
  const Scripted = scriptedTransport();
  const socket = io(address, { transports: [Scripted], ...options });
  onTestFinished(() => socket.io._close());
  return socket;
}

describe("io", () => {
  it("takes the path of the address for the namespace (ADR-4)", () => {
    const name = host();
    expect(open(`http://${name}`).nsp).toBe("/");
    expect(open(`http://${name}/admin`).nsp).toBe("/admin");
    expect(open(`http://${name}/a/b?x=1`).nsp).toBe("/a/b");
    expect(open(`http://${name}/__proto__`).nsp).toBe("/__proto__");
  });

  describe("for a server that it knows", () => {
    it("shares the connection between namespaces (NSP-1)", () => {
      const name = host();
      expect(open(`http://${name}/a`).io).toBe(open(`http://${name}/b`).io);
    });

    it.each([
      ["http://NAME", "http://NAME:80/b"],
      ["https://NAME", "https://NAME:443/b"],
      ["https://NAME", "wss://NAME/b"],
      ["http://NAME", "http://NAME/b?token=1"],
    ])("takes %s and %s for the same server (ADR-1)", (one, other) => {
      const name = host();
      const [first, second] = [one, other].map((address) => open(address.replace("NAME", name)));
      expect(first?.io).toBe(second?.io);
    });

    it.each([
      ["another port", "http://NAME:81/b", {}],
      ["another protocol", "https://NAME/b", {}],
      ["another path", "http://NAME/b", { path: "/other" }],
      ["forceNew", "http://NAME/b", { forceNew: true }],
      ["its older name", "http://NAME/b", { "force new connection": true }],
      ["multiplex: false", "http://NAME/b", { multiplex: false }],
      ["the same namespace", "http://NAME", {}],
    ])("opens another connection for %s (NSP-2)", (_why, address, options) => {
      const name = host();
      const first = open(`http://${name}`);
      expect(open(address.replace("NAME", name), options).io).not.toBe(first.io);
    });
  });

  it("lets the query of the address win over the option (CON-22)", () => {
    const Scripted = scriptedTransport();
    open(`http://${host()}/?a=url&b=2`, { query: { a: "option", c: "3" }, transports: [Scripted] });
    expect(Scripted.latest.query).toMatchObject({ a: "url", b: "2", c: "3", EIO: 4 });
  });

  it("takes a query option as text (CON-21)", () => {
    const Scripted = scriptedTransport();
    open(`http://${host()}`, { query: "a=1&b=%20", transports: [Scripted] });
    expect(Scripted.latest.query).toMatchObject({ a: "1", b: " " });
  });

  it("doesn't connect before it is told to (CON-4)", () => {
    const Scripted = scriptedTransport();
    const socket = open(`http://${host()}`, { autoConnect: false, transports: [Scripted] });
    expect([socket.active, Scripted.opened]).toEqual([false, []]);
    socket.connect();
    expect([socket.active, Scripted.opened.length]).toEqual([true, 1]);
  });

  it("leaves the options as they were handed in (CON-16)", () => {
    const options = Object.freeze({
      transports: [scriptedTransport()],
      query: Object.freeze({ a: 1 }),
    });
    expect(() => open(`http://${host()}/a?b=1`, options)).not.toThrow();
    expect(options.query).toEqual({ a: 1 });
  });

  describe("on a page", () => {
    it("goes to the page's own server, or relative to it (ADR-2)", () => {
      const name = host();
      vi.stubGlobal("location", { protocol: "https:", host: `${name}:8443` });
      const Scripted = scriptedTransport();
      const socket = open(undefined, { transports: [Scripted] });
      expect(Scripted.latest.options).toMatchObject({ hostname: name, port: "8443", secure: true });
      expect(open("/admin", { transports: [Scripted] }).io).toBe(socket.io);
      expect(open("/admin").nsp).toBe("/admin");
    });

    it("takes options without an address (ADR-2)", () => {
      vi.stubGlobal("location", { protocol: "http:", host: host() });
      const Scripted = scriptedTransport();
      const socket = io({ transports: [Scripted], path: "/custom" });
      onTestFinished(() => socket.io._close());
      expect(Scripted.latest.options.path).toBe("/custom/");
    });
  });

  it("refuses an address of another kind (OPT-12)", () => {
    expect(() => open("ftp://a.test")).toThrow(expect.objectContaining({ code: "invalid-option" }));
  });

  it("refuses options that can't be read", () => {
    const cause = new Error("the app's own");
    const options = {
      get auth(): never {
        throw cause;
      },
    };
    for (const attempt of [() => io(options), () => new Manager(options as object)])
      expect(attempt).toThrow(expect.objectContaining({ code: "invalid-option", cause }));
  });

  describe("where there is no page to take the address from", () => {
    it.each<[string, () => Socket]>([
      ["io()", () => io()],
      ["io(options)", () => io({ query: { a: 1 } })],
      ["io('/admin')", () => io("/admin")],
      ["io('?a=1')", () => io("?a=1", { forceNew: true })],
      ["new Manager()", () => new Manager().socket("/")],
      ["a second connect", () => io({ autoConnect: false, forceNew: true }).connect().connect()],
    ])("gives a socket that says so once, and leaves nothing behind: %s", async (_how, make) => {
      const socket = make();
      const log: unknown[] = [];
      socket.on("connect_error", ({ code, message, isFinal }) => log.push(code, message, isFinal));
      socket.io.on("state", (state, _old, why) => log.push(state, why));
      expect([socket.connected, socket.id, log]).toEqual([false, undefined, []]);
      await settle();
      expect(log.slice(0, 2)).toEqual(["failed", "invalid-option"]);
      expect(log.slice(2)).toEqual(["invalid-option", expect.stringMatching(/no page here/), true]);
      await vi.advanceTimersByTimeAsync(3_600_000);
      expect([log.length, vi.getTimerCount()]).toEqual([5, 0]);
    });

    it("says nothing to nobody (CON-17)", async () => {
      const socket = io("/quiet", { autoConnect: false, forceNew: true });
      await settle();
      expect([socket.nsp, socket.active, socket.io.state]).toEqual(["/quiet", false, "closed"]);
      expect(vi.getTimerCount()).toBe(0);
    });

    it("keeps what is emitted, and rejects who asks (CON-17)", async () => {
      const socket = io("/emitting");
      socket.emit("kept", 1);
      await settle();
      await expect(socket.emitWithAck("ask")).rejects.toMatchObject({ code: "disconnected" });
      expect(socket.sendBuffer.map(({ data }) => data)).toEqual([["kept", 1]]);
      socket.disconnect();
      expect([socket.active, vi.getTimerCount()]).toEqual([false, 0]);
    });

    it("connects once there is one (CON-18)", async () => {
      const Scripted = scriptedTransport();
      const socket = io("/late?a=1", { transports: [Scripted], forceNew: true });
      onTestFinished(() => socket.io._close());
      await settle();
      vi.stubGlobal("location", { protocol: "https:", host: "late.test" });
      socket.connect();
      expect(Scripted.latest.options).toMatchObject({ hostname: "late.test", query: { a: "1" } });
    });

    it("forgets the failure of a connect that was taken back", async () => {
      const socket = io("/taken-back", { forceNew: true, transports: [scriptedTransport()] });
      onTestFinished(() => socket.io._close());
      const failed = vi.fn();
      socket.on("connect_error", failed);
      socket.disconnect();
      vi.stubGlobal("location", { protocol: "https:", host: "late.test" });
      socket.connect();
      await settle();
      expect([failed.mock.calls, socket.io.state]).toEqual([[], "opening"]);
    });
  });
});

describe("createIo", () => {
  const parser = { Encoder: class {}, Decoder: class {} } as never;

  function made(options: LookupOptions, ...parts: Parts[]): Socket {
    const socket = createIo(...parts)(`http://${host()}`, { autoConnect: false, ...options });
    onTestFinished(() => socket.io._close());
    return socket;
  }

  const scripted = () => ({ transports: [scriptedTransport()] });

  it.each<[string, LookupOptions, string]>([
    ["retries", { retries: 3 }, "retries"],
    ["parser", { parser }, "parser"],
    ["delivery", { delivery: "at-least-once" as never }, "tautline/delivery"],
  ])("names the import of the part that %s needs", (option, options, name) => {
    const lookUp = (): Socket => made({ ...scripted(), ...options });
    expect(lookUp).toThrow(expect.objectContaining({ code: "invalid-option" }));
    expect(lookUp).toThrow(option);
    expect(lookUp).toThrow(name);
    expect(lookUp).toThrow("import {");
  });

  it("needs transports, of its own or in the options (OPT-7)", () => {
    expect(() => made({})).toThrow(expect.objectContaining({ code: "invalid-option" }));
    expect(() => made({ transports: ["websocket"] })).toThrow(
      expect.objectContaining({ code: "invalid-option" }),
    );
    expect(made(scripted()).nsp).toBe("/");
  });

  it.each([
    ["parser", { parser: { Encoder: class {}, Decoder: class {} } }],
    ["retries", { retries: 2 }],
  ])("names the part that the option %s needs (OPT-15)", (name, options) => {
    expect(() => made({ ...scripted(), ...options } as never)).toThrow(
      expect.objectContaining({
        code: "invalid-option",
        message: expect.stringMatching(new RegExp(`\`${name}\`.*${name}.*tautline/slim`)),
      }) as Error,
    );
  });

  it("takes its parts from several objects, the later ones first (PKG-27)", () => {
    const [first, second] = [scriptedTransport(), scriptedTransport()];
    const socket = made(
      { autoConnect: true, transports: ["websocket"] },
      { transports: { websocket: first }, retries: createRetries },
      { transports: { websocket: second }, parser: createParserCodec },
    );
    expect([first.opened.length, second.opened.length]).toEqual([0, 1]);
    expect(() => made({ ...scripted(), retries: 2 }, { retries: createRetries })).not.toThrow();
    expect(socket.io.opts.transports).toEqual(["websocket"]);
  });

  it("listens to no signals where it has no ears (PKG-28)", () => {
    const subscribe = vi.fn(() => () => {});
    made({ ...scripted(), autoConnect: true, network: { subscribe } });
    expect(subscribe).not.toHaveBeenCalled();
    made({ ...scripted(), autoConnect: true, network: { subscribe } }, { signals });
    expect(subscribe).toHaveBeenCalledOnce();
  });

  it("takes delivery as a value, without any part", () => {
    const socket = made({ ...scripted(), delivery: atLeastOnce() });
    expect(socket.channel.pipeline.policy).toBeDefined();
    expect(made(scripted()).channel.pipeline.policy).toBeUndefined();
  });

  it("knows its own managers only (PKG-29)", () => {
    const name = `http://${host()}`;
    const options = { autoConnect: false, ...scripted() };
    const [one, other] = [createIo(), createIo()];
    expect(one(`${name}/a`, options).io).toBe(one(`${name}/b`, options).io);
    expect(one(`${name}/c`, options).io).not.toBe(other(`${name}/d`, options).io);
    expect(one(`${name}/e`, options).io).toBeInstanceOf(one.Manager);
  });

  it("lets its options be looked at as they were given", () => {
    const checks = vi.fn();
    const options = { ...scripted(), reconectionDelay: 5 } as LookupOptions;
    made(options, { checks });
    expect(checks.mock.calls).toEqual([[expect.objectContaining({ reconectionDelay: 5 })]]);
  });
});

describe("An identity", () => {
  it("never depends on what was collected: a namespace that was used makes a new manager", () => {
    const name = `http://${host()}`;
    const alice = open(name, { query: { user: "alice" }, autoConnect: false });
    alice.connect().disconnect();
    const Scripted = scriptedTransport();
    const bob = open(name, { query: { user: "bob" }, transports: [Scripted] });
    expect(bob.io).not.toBe(alice.io);
    expect(Scripted.latest.query).toMatchObject({ user: "bob" });
  });
});

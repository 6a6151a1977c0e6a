import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { channelTable } from "../../../src/connection/channel-table.js";
import { connectionTable } from "../../../src/connection/connection-table.js";
import type { NetworkEvent } from "../../../src/platform/platform.js";
import { record, type Report, statesOf, type Walk } from "../../../src/recorder/index.js";
import { VERSION } from "../../../src/recorder/version.js";
import { seeded } from "../../../src/test-kit/seeded.js";
import { scriptedTransport } from "../../support/scripted-transport.js";
import {
  isolate,
  scriptedClient,
  type ScriptedClient,
  settle,
} from "../../support/scripted-client.js";

beforeEach(() => isolate());

const client = (options = {}): ScriptedClient =>
  scriptedClient({ network: false, reconnectionDelay: 1000, ...options });

/** What a report says of packets: direction, type, event, id. */
const heads = ({ entries }: Report): string[] =>
  entries.flatMap((entry) =>
    entry.kind === "in" || entry.kind === "out"
      ? [
          [entry.kind, entry.type, entry.event, entry.id]
            .filter((part) => part !== undefined)
            .join(" "),
        ]
      : [],
  );

const kinds = ({ entries }: Report): string[] => entries.map(({ kind }) => kind);

const notes = (report: Report, kind: string): object[] =>
  report.entries.filter((entry) => entry.kind === kind).map(({ n: _n, at: _at, ...rest }) => rest);

const pick = <T>(random: () => number, list: readonly T[]): T =>
  list[Math.floor(random() * list.length)] as T;

const STEPS = ["shake", "enter", "refuse", "fail", "wait", "close", "connect", "leave", "expel"];

/** Each step is one that the table has. */
function isWalk(walk: Walk, table: Record<string, Record<string, string | undefined>>): boolean {
  let state = walk.start;
  return walk.steps.every((step) => {
    const next = table[state]?.[step.event];
    state = step.state;
    return next === step.state;
  });
}

describe("record()", () => {
  it("tells of states with their reasons, and of packets in their order (RCD-1)", async () => {
    const tried = client();
    const socket = tried.socket();
    const recording = record(socket);
    await tried.enter();
    socket.emit("hello", { name: "ada" });
    tried.transport.say('42["news",1]');
    await tried.fail();
    const report = recording.report();
    expect(heads(report)).toEqual([
      "out connect",
      "in connect",
      "out event hello",
      "in event news",
    ]);
    expect(notes(report, "state")).toEqual([
      { kind: "state", state: "open", old: "opening", event: "opened", why: "opened" },
      {
        kind: "state",
        state: "waiting",
        old: "open",
        event: "lost",
        why: "transport error",
        delay: 1000,
        attempt: 1,
      },
    ]);
    expect(report.entries.map(({ n }) => n)).toEqual(report.entries.map((_, index) => index));
    expect(report.now).toMatchObject({ state: "waiting", waiting: 0 });
  });

  it("knows the transport, the size and the time of a packet (RCD-2)", async () => {
    const tried = client();
    const recording = record(tried.manager);
    tried.socket();
    await tried.enter();
    await vi.advanceTimersByTimeAsync(250);
    const text = '42["news",1]';
    tried.transport.say(text);
    const [entry] = recording.report().entries.slice(-1);
    expect(entry).toMatchObject({ at: 250, bytes: text.length, transport: tried.transport.name });
  });

  it("pairs acks with what they answer, both ways (RCD-3)", async () => {
    const tried = client();
    const socket = tried.socket();
    const recording = record(socket);
    await tried.enter();
    socket.on("ask", (answer: (text: string) => void) => void setTimeout(answer, 30, "yes"));
    socket.emit("question", () => {});
    tried.transport.say('427["ask"]');
    await vi.advanceTimersByTimeAsync(80);
    tried.transport.say("430[1]");
    const acks = recording
      .report()
      .entries.flatMap((entry) => ("type" in entry && entry.type === "ack" ? [entry] : []));
    expect(acks).toMatchObject([
      { kind: "out", id: 7, ms: 30 },
      { kind: "in", id: 0, ms: 80 },
    ]);
    const asked = recording.report().entries.find(({ n }) => n === acks[1]?.of);
    expect(asked).toMatchObject({ kind: "out", event: "question", id: 0 });
  });

  it("tells of failed connects and what was tried (RCD-4)", async () => {
    const tried = client();
    const recording = record(tried.manager);
    await tried.fail();
    expect(notes(recording.report(), "failure")).toMatchObject([
      { code: "unreachable", attempts: [{ transport: tried.transport.name, code: "unreachable" }] },
    ]);
  });

  it("tells of refusals, the wait after them, and drops (RCD-25)", async () => {
    const tried = client();
    const recording = record(tried.manager);
    const socket = tried.socket("/", {
      buffer: { maxPackets: 1, overflow: "drop-oldest" },
      retryConnectError: () => true,
    });
    socket.emit("first");
    socket.emit("second");
    tried.shakeHands();
    await settle();
    tried.transport.say('44{"message":"not now, dear secret"}');
    const report = recording.report();
    expect(notes(report, "drop")).toMatchObject([{ code: "overflow", nsp: "/" }]);
    expect(notes(report, "refused")).toEqual([{ kind: "refused", nsp: "/", code: "refused" }]);
    expect(notes(report, "wait")).toEqual([{ kind: "wait", nsp: "/", delay: 1000 }]);
    expect(JSON.stringify(report)).not.toContain("dear secret");
  });

  it("tells of the host's signals, and of the probes that they lead to (RCD-26)", async () => {
    let tell: (event: NetworkEvent) => void = () => {};
    const network = {
      subscribe: (listener: typeof tell) => {
        tell = listener;
        return () => {};
      },
    };
    const tried = client({ network });
    const recording = record(tried.manager);
    tried.socket();
    await tried.enter();
    tell("wake");
    await vi.advanceTimersByTimeAsync(40);
    tried.transport.say('44/tautline-probe-1,{"message":"Invalid namespace"}');
    const report = recording.report();
    expect(notes(report, "signal")).toEqual([
      { kind: "signal", signal: "wake" },
      { kind: "signal", signal: "doubt" },
    ]);
    expect(notes(report, "probe")).toEqual([{ kind: "probe", ms: 40 }]);
  });

  it("asks the server by `probe()`, and notes the round trip (RCD-27)", async () => {
    const tried = client();
    const recording = record(tried.manager);
    tried.socket();
    await tried.enter();
    recording.probe();
    await vi.advanceTimersByTimeAsync(25);
    expect(notes(recording.report(), "probe")).toEqual([]);
    tried.transport.say('44/tautline-probe-1,{"message":"Invalid namespace"}');
    expect(notes(recording.report(), "probe")).toEqual([{ kind: "probe", ms: 25 }]);
    const { length } = tried.transport.sent;
    recording.stop();
    recording.probe();
    expect(tried.transport.sent).toHaveLength(length);
  });

  it("writes nested transitions in their order, whatever listeners do (RCD-40)", async () => {
    const tried = client();
    tried.manager.on("state", (state) => state === "waiting" && tried.manager._close());
    const recording = record(tried.manager);
    tried.socket();
    await tried.enter();
    await tried.fail();
    const states = statesOf(recording.report());
    expect(states.connection.steps.map(({ state }) => state)).toEqual([
      "open",
      "waiting",
      "closed",
    ]);
    expect(isWalk(states.connection, connectionTable)).toBe(true);
  });

  it("is one for a connection, until it is stopped (RCD-5)", () => {
    const tried = client();
    const recording = record(tried.manager);
    expect(record(tried.socket())).toBe(recording);
    recording.stop();
    expect(record(tried.manager)).not.toBe(recording);
  });

  it("leaves nothing behind when it is stopped, and keeps what it had (RCD-6)", async () => {
    const tried = client();
    const socket = tried.socket();
    const recording = record(socket);
    await tried.enter();
    recording.stop();
    const before = recording.report();
    tried.transport.say('42["news",1]');
    await tried.fail();
    expect(heads(recording.report())).toEqual(heads(before));
    expect(recording.report().now).toEqual(before.now);
    expect(recording.isRecording).toBe(false);
    expect(tried.manager.connection.tap).toBe(undefined);
    for (const event of ["upgrading", "upgrade", "upgradeError"] as const)
      expect(tried.manager.engine.hasListeners(event)).toBe(false);
  });

  it.each([[undefined], [{}], [{ io: {} }]])("does not take %j (RCD-7)", (target) => {
    expect(() => record(target as never)).toThrow(
      expect.objectContaining({ code: "invalid-option" }),
    );
  });

  it.each([
    [{ bytes: 10 }],
    [{ bytes: NaN }],
    [{ keep: 1 }],
    [{ redact: "x" }],
    [{ redcat: String }],
  ])("does not take the options %j (RCD-7)", (options) => {
    const { manager } = client();
    const code = { code: "invalid-option" };
    expect(() => record(manager, options as never)).toThrow(expect.objectContaining(code));
  });
});

describe("With a line that tabs share", () => {
  it("notes what this tab is to it, and what it is now (RCD-28)", async () => {
    const tried = client();
    const socket = tried.socket();
    Object.assign(socket, { shared: { role: "guest", tabs: 2, disconnectAll() {} } });
    const recording = record(socket);
    expect(recording.now().shared).toEqual({ role: "guest", tabs: 2 });
    const tell = tried.manager as unknown as { emit(event: string, state: object): void };
    tell.emit("shared", { role: "host", tabs: 1 });
    await tried.enter();
    const report = recording.report();
    expect(notes(report, "shared")).toEqual([{ kind: "shared", role: "host", tabs: 1 }]);
    expect(report.now.shared).toEqual({ role: "host", tabs: 1 });
    recording.stop();
    tell.emit("shared", { role: "guest", tabs: 9 });
    expect(notes(recording.report(), "shared")).toHaveLength(1);
    expect(recording.report().now.shared).toEqual({ role: "host", tabs: 1 });
  });

  it("says nothing of tabs where there is none", () => {
    expect(record(client().socket()).report().now).not.toHaveProperty("shared");
  });
});

describe("socket.report()", () => {
  it("gives the report of the recording, on each socket of the connection (RCD-22)", async () => {
    const tried = client();
    const socket = tried.socket();
    const recording = record(socket);
    await tried.enter();
    const { made, ...report } = tried.socket("/admin").report() as Report;
    const { made: _made, ...own } = recording.report();
    expect(report).toEqual({ ...own, duration: report.duration });
    expect(Date.parse(made)).toBeGreaterThan(0);
    expect(kinds(socket.report() as Report)).toContain("state");
  });

  it("is undefined before the recording, and when it has been stopped (RCD-23)", () => {
    const socket = client().socket();
    expect(socket.report()).toBeUndefined();
    const recording = record(socket);
    expect(socket.report()?.version).toBe(1);
    recording.stop();
    expect(socket.report()).toBeUndefined();
  });

  it("is of its own connection (RCD-22)", async () => {
    const [one, other] = [client(), client()];
    const sockets = [one.socket(), other.socket()] as const;
    for (const socket of sockets) record(socket);
    await one.enter();
    await other.enter();
    one.transport.say('42["for one"]');
    const [first, second] = sockets.map((socket) => heads(socket.report() as Report));
    expect(first).toContain("in event for one");
    expect(second).not.toContain("in event for one");
  });
});

describe("A recording that begins late", () => {
  it("knows what comes from then on, and nothing wrong of what came before (RCD-31)", async () => {
    const tried = client();
    const socket = tried.socket();
    await tried.enter();
    socket.emit("before", () => {});
    tried.transport.say('42["early","a long text that came before"]');
    const recording = record(socket);
    tried.transport.say("430[]");
    tried.transport.say('42["late"]');
    const report = recording.report();
    expect(heads(report)).toEqual(["in ack 0", "in event late"]);
    expect(report.entries).toMatchObject([
      { bytes: 5, transport: tried.transport.name },
      { bytes: 10, transport: tried.transport.name },
    ]);
    expect(report.entries[0]).not.toHaveProperty("of");
    expect(statesOf(report).connection).toEqual({ start: "open", steps: [] });
  });
});

describe("What `keep` may do", () => {
  const cyclic: { self?: unknown } = {};
  cyclic.self = cyclic;

  it.each([
    ["a circle", () => cyclic, 1],
    ["a BigInt", () => 1n, 1],
    ["what throws when it is read", () => ({ toJSON: () => JSON.parse("{") as unknown }), 1],
    ["a symbol", () => Symbol("s"), 0],
    ["a function", () => () => {}, 0],
    ["binary data", () => new Uint8Array(3), 0],
    ["a text of 10 MB", () => "x".repeat(1e7), 0],
  ])("gives %s: the packets are there all the same (RCD-32)", async (_what, keep, errors) => {
    const reported = vi.fn();
    vi.stubGlobal("reportError", reported);
    const tried = client();
    const socket = tried.socket();
    const listener = vi.fn();
    socket.on("news", listener);
    const recording = record(socket, { keep });
    await tried.enter();
    tried.transport.say('42["news",1]');
    const report = recording.report();
    expect(listener).toHaveBeenCalledWith(1);
    expect(heads(report)).toContain("in event news");
    expect(JSON.stringify(report).length).toBeLessThan(10_000);
    expect(reported.mock.calls.length > 0).toBe(errors > 0);
  });

  it("emits: what it sends stands behind, each with its own (RCD-32)", async () => {
    const tried = client();
    const socket = tried.socket();
    let isAsked = false;
    const recording = record(socket, {
      keep({ data }, direction) {
        if (direction === "in" && !isAsked && Array.isArray(data)) {
          isAsked = true;
          socket.emit("reply");
        }
        const isEvent = Array.isArray(data) && data.length > 0;
        return isEvent ? [direction, ...(data as unknown[])] : undefined;
      },
    });
    await tried.enter();
    tried.transport.say('42["news",1]');
    const { entries } = recording.report();
    const kept = entries.flatMap((entry) => ("data" in entry ? [entry.data] : []));
    expect(kept).toEqual(['["in","news",1]', '["out","reply"]']);
  });
});

describe("The room of a recording", () => {
  it("is for the newest packets, and states have a share of their own (RCD-8)", async () => {
    const tried = client();
    const recording = record(tried.manager, { bytes: 4096 });
    tried.socket();
    await tried.enter();
    for (let count = 0; count < 5000; count++) tried.transport.say(`42["event-${count}"]`);
    const report = recording.report();
    expect(report.lost.packets).toBeGreaterThan(4900);
    expect(report.lost.notes).toBe(0);
    expect(heads(report).at(-1)).toBe("in event event-4999");
    expect(kinds(report)).toContain("state");
    const [first, ...others] = report.entries.map(({ n }) => n);
    expect(others.every((n, index) => n > ([first, ...others][index] as number))).toBe(true);
  });

  it("holds less of long names (RCD-30)", async () => {
    const tried = client();
    const recording = record(tried.manager, { bytes: 4096 });
    tried.socket();
    await tried.enter();
    for (let count = 0; count < 500; count++)
      tried.transport.say(JSON.stringify([`${count} ${"long".repeat(500)}`]).replace(/^/, "42"));
    const { packets } = recording;
    const names = heads(recording.report()).join("");
    expect(names.length).toBeLessThan(4096);
    expect(packets.count - packets.first).toBeLessThan(64);
    expect(names).toContain("499 long");
  });

  it("drops old notes too (RCD-29)", async () => {
    const tried = client();
    const recording = record(tried.manager, { bytes: 2048 });
    for (let count = 0; count < 50; count++) {
      tried.manager._close();
      tried.manager.connect();
      await settle();
    }
    const report = recording.report();
    expect(report.lost.notes).toBeGreaterThan(80);
    expect(isWalk(statesOf(report).connection, connectionTable)).toBe(true);
  });
});

describe("A report", () => {
  it("is the same after a round trip through JSON (RCD-9)", async () => {
    const tried = client({ auth: { token: "t" } });
    const socket = tried.socket();
    const recording = record(socket);
    await tried.enter();
    socket.emit("a", 1, () => {});
    tried.transport.say("430[1]");
    await tried.fail();
    const report = recording.report();
    expect(JSON.parse(JSON.stringify(report))).toStrictEqual(report);
    expect(report).toMatchObject({ version: 1, library: VERSION, server: "http://unit.test:80" });
  });

  it("has of the options numbers, booleans and names of transports alone (RCD-44)", () => {
    const Mine = scriptedTransport("mine");
    const tried = scriptedClient(
      {
        network: false,
        reconnectionDelay: 7,
        reconnectionAttempts: Infinity,
        upgrade: false,
        path: "/secret",
        query: { token: "secret" },
        timestampParam: "secret",
        transports: [Mine, "websocket"],
      },
      Mine,
    );
    const { options } = record(tried.manager).report();
    expect(options).toEqual({
      reconnectionDelay: 7,
      randomizationFactor: 0,
      upgrade: false,
      transports: ["custom", "websocket"],
    });
  });

  it("has the version of the package (RCD-41)", () => {
    const manifest = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
    expect(VERSION).toBe(manifest.version);
  });

  it("holds nothing of payloads, auth, queries and errors, whatever they are (RCD-10)", async () => {
    const random = seeded(7);
    const secret = (): string =>
      "s3cr3t" +
      Array.from({ length: 20 }, () => pick(random, [...'aZ09"\\{}[],:- \u{1f600}'])).join("");
    for (let run = 0; run < 50; run++) {
      const [token, text] = [secret(), secret()];
      const value = pick(random, [
        [secret()],
        { [secret()]: secret() },
        secret(),
        { deep: [{ a: secret() }] },
      ]);
      const tried = client({ query: { token }, extraHeaders: { token: "s3cr3t" } });
      const socket = tried.socket("/", { auth: { token, value } });
      const recording = record(socket);
      await tried.enter();
      socket.emit("event", { [text]: [value, token] }, () => {});
      socket.volatile.emit("event", new Uint8Array(8), text);
      tried.transport.say(`42${JSON.stringify(["news", text, { [token]: value }])}`);
      tried.transport.say(`430${JSON.stringify([text, value])}`);
      tried.transport.say(`44${JSON.stringify({ message: text, data: { token } })}`);
      tried.transport.say(`42["unfinished, ${token}`);
      await vi.advanceTimersByTimeAsync(1000);
      tried.shakeHands();
      await settle();
      tried.transport.say(`44${JSON.stringify({ message: text, data: { token } })}`);
      await tried.fail({ description: text, context: { token } } as never);
      const report = recording.report();
      expect(heads(report)).toContain("in event news");
      expect(kinds(report)).toContain("refused");
      expect(JSON.stringify(report)).not.toContain("s3cr3t");
      tried.manager._close();
    }
  });

  it("holds what `keep` returns, and nothing when that throws (RCD-11)", async () => {
    vi.stubGlobal("reportError", vi.fn());
    const tried = client();
    const keep = vi.fn(({ data, type }: { data?: unknown; type: number }, direction: string) => {
      if (type !== 2) throw new Error("no event");
      return { direction, data };
    });
    const recording = record(tried.manager, { keep });
    const socket = tried.socket();
    await tried.enter();
    socket.emit("a", 1);
    tried.transport.say(`42["b","${"x".repeat(3000)}"]`);
    const data = recording
      .report()
      .entries.flatMap((entry) => ("bytes" in entry ? [entry.data] : []));
    expect(data.slice(0, 3)).toEqual([undefined, undefined, '{"direction":"out","data":["a",1]}']);
    expect(data[3]).toHaveLength(1000);
  });

  it("leaves out the names for which `redact` throws, and says so (RCD-33)", async () => {
    const reported = vi.fn();
    vi.stubGlobal("reportError", reported);
    const tried = client();
    const recording = record(tried.socket(), {
      redact: () => {
        throw new Error("no");
      },
    });
    await tried.enter();
    tried.transport.say('42["secret-name",1]');
    expect(JSON.stringify(recording.report())).not.toContain("secret-name");
    expect(heads(recording.report())).toContain("in event ");
    expect(reported).toHaveBeenCalled();
  });

  it("has other names where `redact` gives some (RCD-12)", async () => {
    const tried = client();
    const recording = record(tried.manager, { redact: (event) => event.replace(/\d+/, "N") });
    tried.socket();
    await tried.enter();
    tried.transport.say('42["user:17"]');
    expect(heads(recording.report()).at(-1)).toBe("in event user:N");
  });

  it("reads names with quotes, numbers for names, and namespaces (RCD-35)", async () => {
    const tried = client();
    const recording = record(tried.manager);
    const socket = tried.socket("/admin");
    await tried.enter("/admin");
    socket.emit('a "quoted" \\ name', () => {});
    (socket.emit as (...args: unknown[]) => void)(7, "x");
    socket.emit("bytes", new Uint8Array(3));
    tried.transport.say('42/admin,["bell\\u0007"]');
    const report = recording.report();
    expect(heads(report).slice(2)).toEqual([
      'out event a "quoted" \\ name 0',
      "out event 7",
      "out binary_event bytes",
      "in event bell\u0007",
    ]);
    expect(report.entries.at(-1)).toMatchObject({ nsp: "/admin" });
  });
});

describe("statesOf()", () => {
  it("passes over what it does not know, as a later version may write it (RCD-45)", async () => {
    const tried = client();
    const recording = record(tried.manager);
    tried.socket();
    await tried.enter();
    const report = recording.report();
    const later = {
      ...report,
      novelty: 1,
      entries: report.entries.flatMap((entry) => [
        { n: -1, at: 0, kind: "novelty", state: "open" },
        { ...entry, novelty: [] },
      ]),
    };
    expect(statesOf(later as never)).toEqual(statesOf(report));
    expect(statesOf(report).connection.steps).toHaveLength(1);
  });

  it("walks through the tables, whatever happens (RCD-13)", async () => {
    const random = seeded(11);
    for (let run = 0; run < 80; run++) {
      const list = Array.from({ length: 30 }, () => pick(random, STEPS));
      const tried = client({ reconnectionAttempts: 3 });
      const recording = record(tried.manager);
      const socket = tried.socket();
      for (const step of list) {
        if (step === "shake") tried.transport.shakeHands();
        if (step === "enter") tried.transport.say('40{"sid":"a"}');
        if (step === "refuse") tried.transport.say('44{"message":"no"}');
        if (step === "expel") tried.transport.say("41");
        if (step === "fail") tried.transport.fail({});
        if (step === "wait") await vi.advanceTimersByTimeAsync(2000);
        if (step === "close") tried.manager._close();
        if (step === "connect") socket.connect();
        if (step === "leave") socket.disconnect();
        await settle();
      }
      const report = JSON.parse(JSON.stringify(recording.report())) as Report;
      const states = statesOf(report);
      expect(isWalk(states.connection, connectionTable)).toBe(true);
      for (const walk of Object.values(states.channels))
        expect(isWalk(walk, channelTable)).toBe(true);
      expect(states.connection.steps.at(-1)?.state ?? states.connection.start).toBe(
        tried.manager.state,
      );
      expect(states.channels["/"]?.steps.at(-1)?.state ?? states.channels["/"]?.start).toBe(
        socket.state,
      );
      tried.manager._close();
    }
  });
});

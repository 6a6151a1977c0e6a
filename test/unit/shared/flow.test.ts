import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { Manager } from "../../../src/index.js";
import { hold } from "../../../src/shared/host-lock.js";
import { sizeOf, WINDOW } from "../../../src/shared/messages.js";
import { PortTransport } from "../../../src/shared/port-transport.js";
import { Switch } from "../../../src/shared/switch.js";
import { scriptedTransport } from "../../support/scripted-transport.js";
import { FakeBrowser } from "../../support/tabs.js";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const settle = async (): Promise<void> => {
  for (let i = 0; i < 12; i++) await turn();
};

describe("The transport of a tab", () => {
  /** A session that has its handshake; the test plays the host. */
  const play = () => {
    const posted: unknown[][] = [];
    const owner = { attach() {}, detach: vi.fn(), told() {}, began() {} };
    const transport = new PortTransport(owner);
    const port = {
      onmessage: null as ((event: { data: unknown }) => void) | null,
      postMessage: (message: unknown) => void posted.push(message as unknown[]),
      close() {},
    };
    transport.connect(port, "host");
    const drained = vi.fn();
    transport.sink = { opened() {}, text() {}, binary() {}, drained, closed: vi.fn() };
    const say = (...message: unknown[]): void => port.onmessage?.({ data: message });
    return { transport, posted, drained, say, owner };
  };

  it("takes nothing before the handshake", () => {
    const { transport, posted } = play();
    expect(transport.writable).toBe(false);
    expect(transport.send("0")).toBe(false);
    expect(posted).toEqual([]);
  });

  it("is writable until a window is under way, and again when the line has taken some of it (SHR-22)", () => {
    const { transport, drained, say } = play();
    say("data", ["0{}"]);
    const frame = "x".repeat(WINDOW / 4);
    for (let i = 0; i < 4; i++) {
      expect(transport.writable).toBe(true);
      transport.send(frame);
    }
    expect(transport.writable).toBe(false);
    expect(transport.bufferedAmount).toBe(WINDOW);
    expect(drained).not.toHaveBeenCalled();
    say("taken", WINDOW / 4);
    expect(drained).toHaveBeenCalledOnce();
    expect(transport.writable).toBe(true);
    expect(transport.bufferedAmount).toBe((WINDOW * 3) / 4);
  });

  it("takes what belongs to a packet, and packets of the protocol, whatever is under way (SHR-23)", async () => {
    const { transport, posted, say } = play();
    say("data", ["0{}"]);
    const large = new ArrayBuffer(2 * WINDOW);
    for (const frame of ['451-["a"]', large, "0/chat,"]) expect(transport.send(frame)).toBe(true);
    await turn();
    expect(posted).toEqual([["data", ['451-["a"]', large, "0/chat,"]]]);
    expect(transport.bufferedAmount).toBe(2 * WINDOW + 2 * sizeOf(""));
  });

  it("posts what was sent before other messages, as it was when it was sent (SHR-26)", async () => {
    const { transport, posted, say } = play();
    say("data", ["0{}"]);
    const bytes = Uint8Array.of(1);
    transport.send(bytes);
    bytes[0] = 2;
    transport.post(["ping", true]);
    transport.send("4b");
    await turn();
    expect(posted).toEqual([
      ["data", [Uint8Array.of(1)]],
      ["ping", true],
      ["data", ["4b"]],
    ]);
  });

  it("takes nothing more when the host hands over", () => {
    const { transport, posted, say } = play();
    say("data", ["0{}"]);
    say("pause");
    expect(transport.writable).toBe(false);
    expect(transport.send("0")).toBe(false);
    say("taken", 0);
    expect(transport.writable).toBe(false);
    expect(posted).toEqual([["paused"]]);
  });

  it("does not mind nonsense (SHR-41)", () => {
    const { transport, say } = play();
    say("data", ["0{}"]);
    for (const odd of ["x", undefined, {}, NaN]) say("taken", odd);
    expect(transport.bufferedAmount).toBe(0);
    expect(transport.writable).toBe(true);
  });

  it("has nothing under way when the session is over", () => {
    const { transport, say, owner } = play();
    say("data", ["0{}"]);
    transport.send("4abc");
    say("end", {});
    expect(transport.bufferedAmount).toBe(0);
    expect(owner.detach).toHaveBeenCalledOnce();
  });
});

describe("The size of a frame", () => {
  it("is its bytes, or its length, but not less than a message costs (SHR-27)", () => {
    expect(sizeOf("x".repeat(1000))).toBe(1000);
    expect(sizeOf(new Uint8Array(500))).toBe(500);
    expect(sizeOf(new ArrayBuffer(500))).toBe(500);
    expect(sizeOf("")).toBe(128);
  });
});

describe("A switch", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout", "Date"] });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  /** A host that has the line and its lock, and a tab that is in its namespace. */
  const play = async () => {
    const Scripted = scriptedTransport();
    const browser = new FakeBrowser();
    const [host, guest] = [browser.open(), browser.open()];
    const manager = new Manager("http://unit.test", {
      transports: [Scripted],
      autoConnect: false,
      network: false,
    });
    const current = new Switch(manager.connection, "scope", host, { changed() {} });
    onTestFinished(() => current.close());
    hold(host.locks, "scope", undefined, {}, () => current.close());
    hold(guest.locks, "scope:tab");
    await settle();
    const line = Scripted.latest.shakeHands();
    const port = guest.channel("scope:session");
    const heard: unknown[][] = [];
    port.onmessage = ({ data }) => heard.push(data as unknown[]);
    current.accept(["session", "tab", new Map(), true]);
    port.postMessage(["data", ["40"]]);
    await settle();
    line.say('40{"sid":"s","pid":"p"}');
    await settle();
    const emit = (...args: unknown[]): void =>
      port.postMessage(["data", [`42${JSON.stringify(args)}`]]);
    const emitted = (): unknown[] =>
      line.sent.flatMap((frame) => (String(frame).startsWith("42") ? [frame] : []));
    const taken = (): number =>
      heard.reduce((sum, [type, bytes]) => sum + (type === "taken" ? (bytes as number) : 0), 0);
    return { browser, host, guest, line, emit, emitted, taken, heard, current };
  };

  it("tells a tab what the line has taken: at once when that is much, otherwise soon", async () => {
    const { emit, taken, emitted } = await play();
    vi.advanceTimersByTime(20);
    await settle();
    const before = taken();
    emit("a");
    await settle();
    expect(emitted()).toEqual(['42["a"]']);
    expect(taken()).toBe(before);
    vi.advanceTimersByTime(20);
    await settle();
    expect(taken()).toBe(before + 128);
    emit("a", "x".repeat(WINDOW));
    await settle();
    expect(taken()).toBeGreaterThan(WINDOW);
  });

  it("tells nothing while much waits in the line, until less does or the server has answered (SHR-22)", async () => {
    const { emit, taken, line } = await play();
    vi.advanceTimersByTime(20);
    await settle();
    const before = taken();
    line.bufferedAmount = WINDOW;
    emit("a");
    vi.advanceTimersByTime(20);
    await settle();
    vi.advanceTimersByTime(100);
    await settle();
    expect(taken()).toBe(before);
    line.bufferedAmount = WINDOW - 1;
    vi.advanceTimersByTime(20);
    await settle();
    expect(taken()).toBe(before + 128);
    // no timer is needed where the server answers
    line.bufferedAmount = WINDOW;
    emit("a", "x".repeat(WINDOW));
    await settle();
    const probe = line.sent.filter((frame) => /^40\/tautline-probe/.test(String(frame))).at(-1);
    line.bufferedAmount = 0;
    line.say(`44${String(probe).slice(2)}{}`);
    await settle();
    expect(taken()).toBeGreaterThan(WINDOW);
  });

  it.each([
    ["nothing for a tab that it can't know", false, ['40{"sid":"s","pid":"p~"}']],
    [
      "events for a tab that was there before",
      true,
      ['42["a","2"]', '42["a","3"]', '40{"sid":"s","pid":"p"}'],
    ],
  ])("keeps %s (SHR-36)", async (_, wasThere, expected) => {
    const { browser, line, current } = await play();
    const tab = browser.open();
    hold(tab.locks, "scope:other");
    const enter = async (session: string, positions: Map<string, unknown>, plea: string) => {
      const heard: unknown[] = [];
      const port = tab.channel(`scope:${session}`);
      port.onmessage = ({ data }) => {
        const [type, frames] = data as [string, string[]];
        if (type === "data") heard.push(...frames.filter((frame) => frame.startsWith("4")));
      };
      current.accept([session, "other", positions, true]);
      port.postMessage(["listen", "/", null]);
      port.postMessage(["data", [`40${plea}`]]);
      await settle();
      return { heard, port };
    };
    if (wasThere) (await enter("first", new Map(), "")).port.postMessage(["close"]);
    await settle();
    for (const n of [1, 2, 3]) line.say(`42["a","${n}"]`);
    // the private id, the number of events, and the offset of the last one that it knows
    const known = new Map([["/", ["p", 2, "1"]]]);
    const { heard } = await enter("second", known, '{"pid":"p","offset":"1"}');
    expect(heard).toEqual(expected);
  });

  it("handles what came while it was slow, in order (SHR-35)", async () => {
    const { host, emit, emitted } = await play();
    host.freeze();
    for (let n = 0; n < 5; n++) emit("n", n);
    await settle();
    vi.advanceTimersByTime(3000);
    host.thaw();
    await settle();
    emit("n", 5);
    await settle();
    expect(emitted()).toEqual([0, 1, 2, 3, 4, 5].map((n) => `42["n",${n}]`));
  });

  it("handles nothing that came before it hears that another tab has its lock (SHR-35)", async () => {
    const { browser, host, emit, emitted, line } = await play();
    host.freeze();
    for (let n = 0; n < 5; n++) emit("n", n);
    await settle();
    hold(browser.open().locks, "scope", undefined, { steal: true });
    await settle();
    vi.advanceTimersByTime(3000);
    host.thaw();
    await settle();
    expect(emitted()).toEqual([]);
    expect(line.state).toBe("closed");
  });

  it("asks for the locks again when it was frozen while it waited for the answer (SHR-35)", async () => {
    const { browser, host, emit, emitted } = await play();
    vi.advanceTimersByTime(3000);
    const query = vi.spyOn(host.locks, "query");
    let answer = (): void => {};
    query.mockImplementationOnce(
      () => new Promise((resolve) => (answer = () => resolve({ held: [] }))),
    );
    emit("n", 1);
    await settle();
    expect(query).toHaveBeenCalledOnce();
    vi.advanceTimersByTime(3000);
    hold(browser.open().locks, "scope", undefined, { steal: true });
    answer();
    await settle();
    expect(query).toHaveBeenCalledTimes(2);
    expect(emitted()).toEqual([]);
  });
});

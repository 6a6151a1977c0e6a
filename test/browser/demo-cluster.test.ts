import { randomUUID } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { WebSocket } from "ws";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { findPrograms } from "../../demo/cluster/programs.mjs";
import { browserIsRequired } from "../support/browser-path.ts";
import { io, type Socket } from "../../src/index.node.ts";
import { atLeastOnce } from "../../src/delivery/index.ts";
import { stream } from "../../src/stream/index.ts";
import { type Demo, startDemo } from "./support/demo-process.ts";

/** Node 20 has no WebSocket of its own. */
const transportOptions = { websocket: { WebSocket: WebSocket as any } };

const isInstalled = await findPrograms(process.env.PATH ?? "").then(
  () => true,
  () => false,
);

describe("The demo of several servers", () => {
  it("says which packages are missing, and how to get them", async () => {
    await expect(findPrograms("/nowhere", [])).rejects.toThrow(
      "The cluster needs redis-server and nginx. On Debian and Ubuntu: sudo apt-get install redis-server nginx",
    );
  });

  it("has its programs where everything is required", () => {
    expect(isInstalled || !browserIsRequired).toBe(true);
  });
});

describe.runIf(isInstalled).each([
  ["publish and subscribe", { STREAMS: "0" }],
  ["streams", { STREAMS: "1" }],
])("Two servers behind nginx, with Redis: %s", (_name, env) => {
  let demo: Demo;
  let socketUrl: string;
  const sockets: Socket[] = [];

  beforeAll(async () => {
    demo = await startDemo(env, "cluster.mjs");
    ({ socketUrl } = (await (await fetch(`${demo.url}/config.json`)).json()) as any);
  }, 60_000);

  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.disconnect();
  });

  afterAll(() => demo?.stop());

  const connect = (nsp = "", options: Parameters<typeof io>[1] = {}) => {
    const socket = io(`${socketUrl}${nsp}`, {
      forceNew: true,
      transportOptions,
      query: { client: randomUUID() },
      ...options,
    });
    sockets.push(socket);
    return socket;
  };
  const heard = (socket: Socket, event: string) =>
    new Promise<unknown>((resolve) => socket.once(event, resolve));

  it("carry an event from one to the other", async () => {
    const all = Array.from({ length: 6 }, () => connect());
    await Promise.all(all.map((socket) => heard(socket, "connect")));
    const [speaker, ...others] = all;
    const all2 = others.map((socket) => heard(socket, "chat message"));
    await speaker!.emitWithAck("chat message", { key: randomUUID(), text: "to everybody" });
    for (const message of await Promise.all(all2)) {
      expect(message).toMatchObject({ text: "to everybody" });
    }
  });

  it("let in whom the pages' server has given a token", async () => {
    const ask = async (what: string, body: object): Promise<Record<string, string>> => {
      const response = await fetch(`${demo.url}/api/admin/${what}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      return (await response.json()) as Record<string, string>;
    };
    const { refresh } = await ask("login", { password: "tautline" });
    const { token } = await ask("token", { refresh });
    const secrets = [0, 1, 2, 3].map(() => heard(connect("/admin", { auth: { token } }), "secret"));
    expect(new Set(await Promise.all(secrets))).toEqual(new Set(["/admin: 42"]));
  });

  it("lose nothing of what is sent at least once while one is killed", async ({ annotate }) => {
    // by their names they go to one node or the other: so many that each has some
    const CLIENTS = 16;
    const MOST = 900;
    const away: number[] = [];
    const clients = Array.from({ length: CLIENTS }, () => {
      const socket = connect("/comparison", { delivery: atLeastOnce() });
      let lostAt = 0;
      socket.on("disconnect", () => (lostAt = performance.now()));
      socket.on("connect", () => lostAt && away.push(performance.now() - lostAt));
      return { socket, run: randomUUID() };
    });
    await Promise.all(clients.map(({ socket }) => heard(socket, "connect")));

    const killed = fetch(`${demo.url}/switchboard/restart`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: "{}",
    });
    let isBack = false;
    void killed.then(() => (isBack = true));
    // Load from before the kill until the node is back, paced by requests to the site.
    const saying = clients.map(async ({ socket, run }) => {
      let number = 0;
      while (!isBack && number < MOST) {
        socket.emit("say", run, number++, "under load");
        await countsOf(run);
      }
      return number - 1;
    });
    const lastNumbers = await Promise.all(saying);
    expect((await killed).ok).toBe(true);

    await Promise.all(
      clients.map(({ socket, run }, index) => until(socket, run, lastNumbers[index]!)),
    );
    for (const [index, { run }] of clients.entries()) {
      const counts = await countsOf(run);
      expect(counts).toHaveLength(lastNumbers[index]! + 1);
      expect(counts.filter((times) => times === 0)).toEqual([]);
    }
    expect(away.length).toBeGreaterThan(0);
    const ms = away.map(Math.round).sort((a, b) => a - b);
    const sent = lastNumbers.reduce((sum, last) => sum + last + 1, 0);
    await annotate(`${sent} messages; back after ms: ${ms.join(", ")}`);
  });

  async function countsOf(run: string): Promise<number[]> {
    const answer = (await (await fetch(`${demo.url}/comparison?run=${run}`)).json()) as any;
    return answer[run] ?? [];
  }

  /** Until the last message of a run has been counted. Each round is an ack of the server, so it does not spin. */
  async function until(socket: Socket, run: string, last: number): Promise<void> {
    while (((await countsOf(run))[last] ?? 0) === 0) {
      await socket.emitWithAck("say", randomUUID(), 0, "are you there?");
    }
  }
});

describe.runIf(isInstalled)("Two servers behind nginx, whose clients have no names", () => {
  let demo: Demo;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "tautline-test-"));
    demo = await startDemo({ TMPDIR: folder }, "cluster.mjs");
  }, 60_000);

  afterAll(async () => {
    await demo?.stop("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  });

  it("get all requests of a session to one node", async () => {
    const { socketUrl } = (await (await fetch(`${demo.url}/config.json`)).json()) as any;
    const codes: unknown[] = [];
    const sockets = Array.from({ length: 4 }, () =>
      io(socketUrl, { forceNew: true, transports: ["polling"] }),
    );
    await Promise.all(
      sockets.map(
        (socket) =>
          new Promise<void>((resolve) => {
            socket.on("connect_error", ({ code }: any) => codes.push(code));
            socket.once("connect", resolve);
          }),
      ),
    );
    expect(codes).toEqual([]);
    for (const socket of sockets) socket.disconnect();
  });

  it("leave nothing behind when their parent is killed", async () => {
    expect(await readdir(folder)).toHaveLength(1);
    await demo.stop("SIGKILL");
    // the folder goes with the last program
    await vi.waitFor(async () => expect(await readdir(folder)).toEqual([]), { timeout: 50_000 });
  });
});

describe.runIf(isInstalled)("Two servers behind nginx, without sticky sessions", () => {
  let demo: Demo;
  let socketUrl: string;

  beforeAll(async () => {
    demo = await startDemo({ STICKY: "0", STREAMS: "1" }, "cluster.mjs");
    ({ socketUrl } = (await (await fetch(`${demo.url}/config.json`)).json()) as any);
  }, 60_000);

  afterAll(() => demo?.stop());

  it("are reached over WebSocket, though polling begins", async () => {
    const socket = io(socketUrl, {
      forceNew: true,
      transportOptions,
      transports: ["polling", "websocket"],
    });
    const codes: unknown[] = [];
    socket.on("connect_error", ({ code }: any) => codes.push(code));
    await new Promise<void>((resolve) => socket.on("connect", resolve));
    await socket.emitWithAck("chat message", { key: randomUUID(), text: "hello" });
    const { attempts, transport } = socket.io.engine;
    expect(transport.name).toBe("websocket");
    // and why is told
    expect([...codes, ...attempts.map(({ code }) => code)]).toContain("session-unknown");
    socket.disconnect();
  });

  it("go on with a streamed answer though both were killed meanwhile", async () => {
    const socket = io(`${socketUrl}/answers`, {
      forceNew: true,
      transportOptions,
      transports: ["websocket"],
    });
    const restart = () =>
      fetch(`${demo.url}/switchboard/restart`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: "{}",
      });
    const words: string[] = [];
    for await (const word of stream<string>(socket, "answer", "why?", { window: 8 })) {
      words.push(word);
      // the client reads on when no node is left that knows the stream
      if (words.length === 5) for (let node = 0; node < 2; node++) await restart();
    }
    expect(words).toEqual(["“why?”", ...Array.from({ length: 80 }, (_none, n) => String(n + 1))]);
    socket.disconnect();
  });

  it("recover a session that was cut, whichever of them has it then", async () => {
    const options = { forceNew: true, transportOptions, transports: ["websocket"] } as const;
    // it comes back when it is told to
    const socket = io(socketUrl, {
      ...options,
      reconnectionDelay: 600_000,
      reconnectionDelayMax: 600_000,
    });
    const name = randomUUID().slice(0, 8);
    // There is an offset with the first event.
    await new Promise<void>((resolve) => {
      socket.on("people", (names: string[]) => names.includes(name) && resolve());
      socket.emit("rename", name);
    });
    const lost = new Promise((resolve) => socket.once("disconnect", resolve));
    await demo.turn({ cut: true });
    await lost;
    await demo.turn({ cut: false });
    // Its node has noticed, and put the session where the others find it.
    const other = io(socketUrl, options);
    await new Promise<void>((resolve) => {
      other.on("people", (names: string[]) => names.includes(name) || resolve());
    });
    const again = new Promise<void>((resolve) => socket.once("connect", resolve));
    socket.io.connect();
    await again;
    expect(socket.recovered).toBe(true);
    for (const one of [socket, other]) one.disconnect();
  });
});

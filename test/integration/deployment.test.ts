import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import type { ManagerOptions, Socket, SocketOptions } from "../../src/index.js";
import { io } from "../../src/index.node.js";
import { filesOf } from "../support/doc-files.ts";
import { freePort } from "../support/free-port.ts";

/*
 * The configurations of docs/deployment.md in front of two processes of its server. Only ports and folders are changed. To
 * extend: a proxy is a line of `proxies`, and its package a word in .ci/run.
 */
const root = fileURLToPath(new URL("../../", import.meta.url));
const files = filesOf("docs/deployment.md");

const proxies = [
  {
    name: "nginx",
    file: "nginx.conf",
    change: (text: string, folder: string) =>
      text.replace(
        "http {",
        `http { access_log off; ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
          .map((kind) => `${kind}_temp_path ${folder}/${kind};`)
          .join(" ")}`,
      ),
    args: (folder: string) =>
      `-e stderr -p ${folder} -c nginx.conf -g`
        .split(" ")
        .concat(`daemon off; master_process off; pid ${folder}/nginx.pid;`),
  },
  {
    name: "haproxy",
    file: "haproxy.cfg",
    change: (text: string) => text,
    args: () => ["-db", "-f", "haproxy.cfg"],
  },
  {
    name: "caddy",
    file: "Caddyfile",
    change: (text: string) => `{\n  admin off\n}\n${text}`,
    args: () => ["run", "--config", "Caddyfile", "--adapter", "caddyfile"],
  },
];

/** In the folders of the path, and where Debian has programs that are for root. */
const isInstalled = (name: string): boolean =>
  [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin"].some((folder) =>
    existsSync(join(folder, name)),
  );
const isRequired = process.env["TAUTLINE_REQUIRE_PROXIES"] === "1";

class Running {
  readonly child: ChildProcess;
  output = "";

  constructor(command: string, args: string[], cwd: string, env: Record<string, string> = {}) {
    const path = `${process.env["PATH"] ?? ""}${delimiter}/usr/sbin`;
    this.child = spawn(command, args, { cwd, env: { ...process.env, PATH: path, ...env } });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on("data", (data: Buffer) => (this.output += data.toString()));
  }

  /** Another process was faster: it has ended, and said so. */
  get isPortTaken(): boolean {
    return this.child.exitCode !== null && /EADDRINUSE|already in use/i.test(this.output);
  }

  async stop(): Promise<void> {
    const { child } = this;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
  }
}

describe.each(proxies)("$name, as docs/deployment.md configures it", (proxy) => {
  const isThere = isInstalled(proxy.name);
  if (!isThere && isRequired) it("is installed", () => expect.fail(`no ${proxy.name} was found`));
  if (!isThere) {
    it.runIf(false)("needs the program", () => {});
    return;
  }

  let folder: string;
  let address: string;
  let balancer: Running;
  let sockets: Socket[];
  const nodes = new Map<number, Running>();

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "tautline-proxy-"));
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "junction");
    writeFileSync(join(folder, "server.mjs"), files["server.mjs"] ?? "");
    const ports = [await startNode(), await startNode()];
    do {
      const front = await freePort();
      const text = (files[proxy.file] ?? "")
        .replace(/(listen |bind :|^:)80\b/m, `$1${front}`)
        .replace("127.0.0.1:3001", `127.0.0.1:${ports[0]}`)
        .replace("127.0.0.1:3002", `127.0.0.1:${ports[1]}`);
      writeFileSync(join(folder, proxy.file), proxy.change(text, folder));
      address = `http://127.0.0.1:${front}`;
      balancer = new Running(proxy.name, proxy.args(folder), folder, { HOME: folder });
      await vi.waitFor(
        async () => {
          if (balancer.isPortTaken) return;
          expect(balancer.child.exitCode, balancer.output).toBeNull();
          expect((await fetch(`${address}/socket.io/?EIO=4&transport=polling`)).status).toBe(200);
        },
        { timeout: 15_000 },
      );
    } while (balancer.isPortTaken);
  }, 30_000);
  afterAll(async () => {
    await balancer?.stop();
    for (const node of nodes.values()) await node.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  beforeEach(() => {
    sockets = [];
  });
  afterEach(() => {
    for (const socket of sockets) socket.disconnect();
  });

  async function startNode(): Promise<number> {
    const port = await freePort();
    const node = new Running(process.execPath, ["server.mjs"], folder, { PORT: String(port) });
    nodes.set(port, node);
    await vi.waitFor(
      () => {
        if (!node.isPortTaken) expect(node.output).toContain(`listening on ${port}`);
      },
      { timeout: 10_000 },
    );
    return node.isPortTaken ? startNode() : port;
  }

  function connect(transports: string[]): Socket {
    const options: Partial<ManagerOptions & SocketOptions> = {
      transports,
      transportOptions: { websocket: { WebSocket } },
      withCredentials: true,
      reconnectionDelay: 50,
      reconnectionDelayMax: 200,
      forceNew: true,
    };
    const socket = io(address, options);
    sockets.push(socket);
    return socket;
  }

  const welcomed = (socket: Socket): Promise<number> =>
    new Promise((resolve) => {
      socket.once("welcome", ({ node }: { node: number }) => resolve(node));
    });

  it("lets a WebSocket through", async () => {
    const socket = connect(["websocket"]);
    await welcomed(socket);
    expect(await socket.emitWithAck("echo", 1)).toBe(1);
    expect(socket.io.engine.transport.name).toBe("websocket");
  });

  it("keeps the requests of a session over polling on one node, large ones too", async () => {
    const clients = Array.from({ length: 4 }, () => connect(["polling"]));
    await Promise.all(clients.map(welcomed));
    const large = "x".repeat(100_000);
    for (let round = 0; round < 3; round++)
      for (const client of clients) expect(await client.emitWithAck("echo", large)).toBe(large);
    expect(clients.map(({ connected }) => connected)).toEqual(clients.map(() => true));
  });

  it("lets a session upgrade", async () => {
    const socket = connect(["polling", "websocket"]);
    const upgraded = new Promise((resolve) => {
      socket.io.on("open", () => socket.io.engine.on("upgrade", resolve));
    });
    await upgraded;
    expect(await socket.emitWithAck("echo", 2)).toBe(2);
  });

  it("leads clients to the other node when theirs dies", async () => {
    const clients = [["polling"], ["polling"], ["websocket"], ["websocket"]].map(connect);
    const homes = await Promise.all(clients.map(welcomed));
    const dead = homes[0] ?? 0;
    const concerned = clients.filter((_client, index) => homes[index] === dead);
    const back = Promise.all(concerned.map(welcomed));
    await nodes.get(dead)?.stop();
    const news = await back;
    expect(news).not.toContain(dead);
    for (const client of clients) expect(await client.emitWithAck("echo", 3)).toBe(3);
  });
});

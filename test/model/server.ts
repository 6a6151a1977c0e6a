/**
 * The scripted server: Engine.IO sessions over the lines of the model. What it does with packets is in
 * server-client.ts, in the order in which socket.io does it.
 */
import type { EngineFrame } from "../../src/protocol/engine-packet.js";
import type { ModelRequest, ModelResponse } from "./carriers.js";
import type { Line } from "./network.js";
import { Sessions } from "./recovery.js";
import { ServerClient, type ServerNode } from "./server-client.js";
import type { World } from "./world.js";

export interface ServerConfig {
  recovery: boolean;
  /** Lets everybody into every namespace, probes too. */
  catchAll: boolean;
  upgrades: boolean;
}

const PING_INTERVAL = 700;
const PING_TIMEOUT = 500;

export class ModelServer {
  readonly sessions = new Map<string, EngineSession>();
  recovery = new Sessions();
  #count = 0;
  #connections = 0;

  /** @param nodes - the processes; a new session goes to the next one */
  constructor(
    readonly world: World,
    readonly config: ServerConfig,
    public nodes: ServerNode[],
  ) {}

  nextId(): string {
    return `s${++this.#count}`;
  }

  /** Everything that lives in memory is gone. The caller cuts the lines. */
  restart(keepsRecovery: boolean, nodes: ServerNode[]): void {
    for (const session of [...this.sessions.values()]) session.close("transport close");
    if (!keepsRecovery) this.recovery = new Sessions();
    this.nodes = nodes;
  }

  acceptStream(line: Line, sid: string | undefined): void {
    if (sid === undefined) return this.#open().stream(line);
    const session = this.sessions.get(sid);
    if (session) session.probe(line);
    else line.close("server");
  }

  acceptRequests(line: Line): void {
    line.server = {
      frame: (request) => {
        const { sid, frames } = request as ModelRequest;
        const respond = (answer: EngineFrame[] | undefined): void => {
          line.down.send({ frames: answer } satisfies ModelResponse);
        };
        const session = sid === undefined ? this.#open() : this.sessions.get(sid);
        if (!session) respond(undefined);
        else if (frames) session.post(frames, () => respond(["ok"]));
        else session.poll(respond);
      },
      closed() {},
    };
  }

  #open(): EngineSession {
    const node = this.nodes[this.#connections++ % this.nodes.length] as ServerNode;
    const session = new EngineSession(this, node);
    this.sessions.set(session.sid, session);
    return session;
  }
}

export class EngineSession {
  readonly sid: string;
  readonly #server: ModelServer;
  readonly #client: ServerClient;
  #line: Line | undefined;
  #probing: Line | undefined;
  #poll: ((frames: EngineFrame[]) => void) | undefined;
  #out: EngineFrame[] = [];
  #timer: (() => void) | undefined;
  isOpen = true;

  constructor(server: ModelServer, node: ServerNode) {
    this.#server = server;
    this.sid = server.nextId();
    this.#client = new ServerClient(server, this, node);
    const upgrades = server.config.upgrades ? ["websocket"] : [];
    this.#out.push(
      "0" +
        JSON.stringify({
          sid: this.sid,
          upgrades,
          pingInterval: PING_INTERVAL,
          pingTimeout: PING_TIMEOUT,
          maxPayload: 2000,
        }),
    );
    this.#ping();
  }

  stream(line: Line): void {
    this.#line = line;
    line.server = {
      frame: (frame) => this.#receive(frame as EngineFrame),
      closed: () => this.close("transport close"),
    };
    this.#flush();
  }

  /** A WebSocket that wants to take over. */
  probe(line: Line): void {
    this.#probing = line;
    line.server = {
      frame: (frame) => {
        if (frame === "2probe") {
          line.down.send("3probe");
          this.#releasePoll("6");
        } else if (frame === "5" && this.isOpen) {
          this.#probing = undefined;
          this.#releasePoll("1");
          this.stream(line);
        } else line.close("server");
      },
      closed() {},
    };
  }

  post(frames: EngineFrame[], done: () => void): void {
    for (const frame of frames) this.#receive(frame);
    done();
  }

  poll(respond: (frames: EngineFrame[]) => void): void {
    if (this.#line) return respond(["1"]);
    if (this.#poll) return this.close("transport error");
    this.#poll = respond;
    this.#flush();
    // engine.io lets polls go while somebody probes
    if (this.#probing) this.#server.world.after(20, () => this.#probing && this.#releasePoll("6"));
  }

  send(frame: EngineFrame): void {
    if (!this.isOpen) return;
    this.#out.push(frame);
    this.#flush();
  }

  close(reason: string): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#timer?.();
    this.#server.sessions.delete(this.sid);
    this.#releasePoll("1");
    this.#line?.close("server");
    this.#client.closed(reason);
  }

  #releasePoll(frame: string): void {
    const respond = this.#poll;
    this.#poll = undefined;
    respond?.([frame]);
  }

  #flush(): void {
    if (this.#line) for (const frame of this.#out.splice(0)) this.#line.down.send(frame);
    else if (this.#poll && this.#out.length) {
      const respond = this.#poll;
      this.#poll = undefined;
      respond(this.#out.splice(0));
    }
  }

  #receive(frame: EngineFrame): void {
    if (!this.isOpen) return;
    if (frame === "1") return this.close("transport close");
    if (frame === "3") return this.#ping();
    this.#client.read(frame);
  }

  #ping(): void {
    const { world } = this.#server;
    this.#timer?.();
    this.#timer = world.after(PING_INTERVAL, () => {
      this.send("2");
      this.#timer = world.after(PING_TIMEOUT, () => this.close("ping timeout"));
    });
  }
}

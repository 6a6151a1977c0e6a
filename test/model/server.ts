/**
 * The scripted server: Engine.IO sessions over the lines of the model, as engine.io 6.6 keeps them. What it does with
 * packets is in server-client.ts.
 */
import type { ModelRequest, ModelResponse, Parcel } from "./host.js";
import type { Line } from "./network.js";
import { Sessions } from "./recovery.js";
import { type Offence, ServerClient, type ServerNode } from "./server-client.js";
import type { Frame } from "./wire.js";
import type { World } from "./world.js";

export interface ServerConfig {
  recovery: boolean;
  /** Lets everybody into every namespace, probes too. */
  catchAll: boolean;
  upgrades: boolean;
  /** Bytes of the longest frame or HTTP body; longer ones are punished. */
  limit: number;
  /** The limit that stands in the handshake: something before the server may allow less than it does. */
  toldLimit: number;
}

const PING_INTERVAL = 700;
const PING_TIMEOUT = 500;
/** A server that closes over polling waits so long for a GET to say so. */
const CLOSE_TIMEOUT = 30_000;
/** While somebody probes, polls are let go so often. */
const PROBE_CHECK = 100;
const TOO_BIG = 1009;

export class ModelServer {
  readonly sessions = new Map<string, EngineSession>();
  recovery = new Sessions();
  /** What clients did that no client may do. */
  readonly offences: Offence[] = [];
  /** Requests answered with 400 although their session was there, or with a transport that it has left. */
  mismatches = 0;
  /** What was above the limit. */
  punished: (frame: Frame) => void = () => {};
  /** Sessions whose poll has not come back, and what a stream has brought them meanwhile. */
  readonly #polled = new Map<string, string[]>();
  #count = 0;
  #connections = 0;
  #stamps = 0;

  /** @param nodes - the processes; a new session goes to the next one */
  constructor(
    readonly world: World,
    readonly config: ServerConfig,
    public nodes: ServerNode[],
  ) {}

  nextId(): string {
    return `s${++this.#count}`;
  }

  /** A moment: of two stamps the greater one is the later one. */
  stamp(): number {
    return ++this.#stamps;
  }

  pollBegins(sid: string | undefined): void {
    if (sid) this.#polled.set(sid, []);
  }

  /** Returns what can be read now. */
  pollEnds(sid: string | undefined): string[] {
    const held = this.#polled.get(sid as string) ?? [];
    this.#polled.delete(sid as string);
    return held;
  }

  /** A frame has come over a stream; the last poll may bring what was sent before it. */
  streamed(sid: string | undefined, frame: string): void {
    const held = this.#polled.get(sid as string);
    if (held) held.push(frame);
    else this.told(sid, frame);
  }

  /** The client is about to read a frame: maybe that the server put it out of a namespace. */
  told(sid: string | undefined, frame: string): void {
    if (!frame.startsWith("41")) return;
    const nsp = frame.startsWith("41/") ? (frame.slice(2).split(",")[0] as string) : "/";
    this.sessions.get(sid as string)?.client.toldGoodbye(nsp, this.stamp());
  }

  /** Everything that lives in memory is gone. The caller cuts the lines. */
  restart(keepsRecovery: boolean, nodes: ServerNode[]): void {
    for (const session of [...this.sessions.values()]) session.over("transport close");
    if (!keepsRecovery) this.recovery = new Sessions();
    this.nodes = nodes;
  }

  /** @returns the session's id */
  acceptStream(line: Line, sid: string | undefined): string {
    const session = sid === undefined ? this.#open() : this.sessions.get(sid);
    if (sid === undefined) session?.stream(line);
    else if (session) session.probe(line);
    else line.close("server");
    return session?.sid ?? "";
  }

  acceptRequests(line: Line): void {
    line.server = {
      frame: (request) => {
        const { sid, parcels, bytes } = request as ModelRequest;
        const respond = (frames: Frame[]): void => {
          line.server = { frame() {}, closed() {} };
          line.down.send({ status: 200, frames } satisfies ModelResponse);
        };
        const refuse = (status: number, code?: number): void => {
          line.down.send({
            status,
            frames: [],
            ...(code !== undefined && { code }),
          } satisfies ModelResponse);
        };
        const session = sid === undefined ? this.#open() : this.sessions.get(sid);
        if (!session) return refuse(400, 1);
        if (session.streams) {
          this.mismatches++;
          return refuse(400, 3);
        }
        if (parcels && bytes > this.config.limit) {
          for (const { frame } of parcels) this.punished(frame);
          return refuse(413);
        }
        if (parcels) return session.post(parcels, line, () => respond(["ok"]));
        line.server = { frame() {}, closed: () => session.pollLost() };
        session.poll(respond, () => refuse(400));
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
  readonly client: ServerClient;
  readonly #server: ModelServer;
  #line: Line | undefined;
  #probing: Line | undefined;
  #undoProbing: (() => void) | undefined;
  #poll: ((frames: Frame[]) => void) | undefined;
  #posting: Line | undefined;
  #out: Frame[] = [];
  #timer: (() => void) | undefined;
  #awaitsPong = false;
  #state: "open" | "closing" | "closed" = "open";

  constructor(server: ModelServer, node: ServerNode) {
    this.#server = server;
    this.sid = server.nextId();
    this.client = new ServerClient(server, this, node);
    this.#out.push(
      "0" +
        JSON.stringify({
          sid: this.sid,
          upgrades: server.config.upgrades ? ["websocket"] : [],
          pingInterval: PING_INTERVAL,
          pingTimeout: PING_TIMEOUT,
          maxPayload: server.config.toldLimit,
        }),
    );
    this.#ping();
  }

  get isOpen(): boolean {
    return this.#state === "open";
  }

  get streams(): boolean {
    return this.#line !== undefined;
  }

  stream(line: Line): void {
    this.#line = line;
    line.server = {
      frame: (parcel) => this.#receive(parcel as Parcel),
      closed: () => this.over("transport close"),
    };
    this.#flush();
  }

  /** A WebSocket that wants to take over. */
  probe(line: Line): void {
    if (this.#probing) return line.close("server");
    this.#probing = line;
    let check: (() => void) | undefined;
    const again = (): void => {
      check = this.#server.world.after(PROBE_CHECK, () => {
        this.#releasePoll("6");
        again();
      });
    };
    const end = (this.#undoProbing = (): void => {
      check?.();
      this.#probing = undefined;
      this.#undoProbing = undefined;
    });
    const giveUp = (): void => {
      end();
      line.close("server");
    };
    line.server = {
      frame: (parcel) => {
        const { frame } = parcel as Parcel;
        if (frame === "2probe") {
          line.down.send("3probe");
          check?.();
          again();
        } else if (frame === "5" && this.#state !== "closed") {
          end();
          // what engine.io answers a poll with that is left over
          this.#releasePoll("1");
          const isClosing = this.#state === "closing";
          this.stream(line);
          if (isClosing) this.over("forced close");
        } else giveUp();
      },
      closed: end,
    };
  }

  post(parcels: Parcel[], line: Line, done: () => void): void {
    this.#posting = line;
    for (const parcel of parcels) this.#receive(parcel);
    // a server that closes destroys the request that it is reading
    if (!this.#posting) return;
    this.#posting = undefined;
    done();
  }

  poll(respond: (frames: Frame[]) => void, refuse: () => void): void {
    if (this.#poll) {
      this.#server.mismatches++;
      refuse();
      return this.over("transport error");
    }
    this.#poll = respond;
    this.#flush();
    if (this.#state === "closing") this.over("forced close");
  }

  /** The client let go of the GET that hangs here. */
  pollLost(): void {
    if (!this.#poll) return;
    this.#poll = undefined;
    this.over("transport error");
  }

  send(frame: Frame): void {
    if (!this.isOpen) return;
    this.#out.push(frame);
    this.#flush();
  }

  /** In an orderly way: what was sent goes first. */
  close(): void {
    if (!this.isOpen) return;
    if (this.#line || this.#poll) return this.over("forced close");
    this.#state = "closing";
    this.#destroyPost();
    this.#timer?.();
    this.#timer = this.#server.world.after(CLOSE_TIMEOUT, () => this.over("forced close"));
  }

  /** At once. */
  over(reason: string, code?: number): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#timer?.();
    this.#server.sessions.delete(this.sid);
    this.#probing?.close("server");
    this.#undoProbing?.();
    this.#destroyPost();
    this.#releasePoll(reason === "transport close" ? "6" : "1");
    this.#line?.close("server", code);
    this.client.closed(reason);
  }

  #destroyPost(): void {
    this.#posting?.close("server");
    this.#posting = undefined;
  }

  #releasePoll(frame: string): void {
    const respond = this.#poll;
    this.#poll = undefined;
    respond?.([...this.#out.splice(0), frame]);
  }

  #flush(): void {
    if (this.#line) for (const frame of this.#out.splice(0)) this.#line.down.send(frame);
    else if (this.#poll && this.#out.length) {
      const respond = this.#poll;
      this.#poll = undefined;
      respond(this.#out.splice(0));
    }
  }

  #receive({ frame, stamp }: Parcel): void {
    if (!this.isOpen) return;
    if (this.#line && frame.length > this.#server.config.limit) {
      this.#server.punished(frame);
      return this.over("transport error", TOO_BIG);
    }
    if (frame === "1") return this.over("transport close");
    if (frame === "3") return this.#ping();
    // anything that comes puts off the end that a missing pong would bring
    if (this.#awaitsPong) this.#expectPong();
    if (typeof frame !== "string") this.client.read(frame, stamp);
    else if (frame.startsWith("4")) this.client.read(frame.slice(1), stamp);
  }

  #ping(): void {
    this.#awaitsPong = false;
    this.#timer?.();
    this.#timer = this.#server.world.after(PING_INTERVAL, () => {
      this.send("2");
      this.#expectPong();
    });
  }

  #expectPong(): void {
    this.#awaitsPong = true;
    this.#timer?.();
    this.#timer = this.#server.world.after(PING_TIMEOUT, () => this.over("ping timeout"));
  }
}

/**
 * The Engine.IO half of a server: sessions over the lines of the network, as engine.io 6.6 keeps them. What is done with their
 * packets is the business of an {@link EngineClient}.
 */
import type { Line } from "./lines.js";
import type { Frame } from "./packets.js";
import type { VirtualTime } from "./virtual-time.js";

export interface EngineConfig {
  upgrades: boolean;
  /** Bytes of the longest frame or HTTP body; longer ones are punished. */
  limit: number;
  /** The limit that stands in the handshake: something before the server may allow less than it does. */
  toldLimit: number;
  /** Milliseconds. */
  pingInterval: number;
  /** Milliseconds. */
  pingTimeout: number;
}

/** Who reads what a session brings. */
export interface EngineClient {
  /** @param stamp - when the client let go of it: see {@link EngineServer.stamp} */
  read(frame: Frame, stamp: number): void;
  /** The session is over. */
  closed(reason: string): void;
}

/** A frame on its way to the server, and when the client let go of it. */
export interface Parcel {
  frame: Frame;
  stamp: number;
}

/** A request: its body is a batch of frames, or nothing. */
export interface EngineRequest {
  sid: string | undefined;
  parcels: Parcel[] | undefined;
  bytes: number;
  /** Its address, for the handshake. */
  url: string;
}

export interface EngineResponse {
  status: number;
  frames: Frame[];
  /** Engine.IO's number of what went wrong. */
  code?: number;
}

/** A server that closes over polling waits so long for a GET to say so. */
const CLOSE_TIMEOUT = 30_000;
/** While somebody probes, polls are let go so often. */
const PROBE_CHECK = 100;
const TOO_BIG = 1009;

export abstract class EngineServer {
  readonly sessions = new Map<string, EngineSession>();
  /** Requests answered with 400 although their session was there, or with a transport that it has left. */
  mismatches = 0;
  /** What was above the limit. */
  punished: (frame: Frame) => void = () => {};
  /** Sessions whose poll has not come back, and what a stream has brought them meanwhile. */
  private readonly _polled = new Map<string, string[]>();
  private _count = 0;
  private _stamps = 0;

  constructor(
    readonly world: VirtualTime,
    readonly config: EngineConfig,
  ) {}

  /** A new session's client. */
  abstract accept(session: EngineSession, url: string): EngineClient;

  /** The client is about to read a frame. */
  told(_sid: string | undefined, _frame: string): void {}

  nextId(): string {
    return `s${++this._count}`;
  }

  /** A moment: of two stamps the greater one is the later one. */
  stamp(): number {
    return ++this._stamps;
  }

  pollBegins(sid: string | undefined): void {
    if (sid) this._polled.set(sid, []);
  }

  /** Returns what can be read now. */
  pollEnds(sid: string | undefined): string[] {
    const held = this._polled.get(sid as string) ?? [];
    this._polled.delete(sid as string);
    return held;
  }

  /** A frame has come over a stream; the last poll may bring what was sent before it. */
  streamed(sid: string | undefined, frame: string): void {
    const held = this._polled.get(sid as string);
    if (held) held.push(frame);
    else this.told(sid, frame);
  }

  /** The process has died: what it knew of its clients is gone. The caller cuts the lines. */
  crash(): void {
    for (const session of [...this.sessions.values()]) session.over("transport close");
  }

  /** @returns the session's id */
  acceptStream(line: Line, sid: string | undefined, url: string): string {
    const session = sid === undefined ? this._open(url) : this.sessions.get(sid);
    if (sid === undefined) session?.stream(line);
    else if (session) session.probe(line);
    else line.close("server");
    return session?.sid ?? "";
  }

  acceptRequests(line: Line): void {
    line.server = {
      frame: (request) => {
        const { sid, parcels, bytes, url } = request as EngineRequest;
        const respond = (frames: Frame[]): void => {
          line.server = { frame() {}, closed() {} };
          line.down.send({ status: 200, frames } satisfies EngineResponse);
        };
        const refuse = (status: number, code?: number): void => {
          line.down.send({
            status,
            frames: [],
            ...(code !== undefined && { code }),
          } satisfies EngineResponse);
        };
        const session = sid === undefined ? this._open(url) : this.sessions.get(sid);
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

  private _open(url: string): EngineSession {
    const session = new EngineSession(this, url);
    this.sessions.set(session.sid, session);
    return session;
  }
}

export class EngineSession {
  readonly sid: string;
  readonly client: EngineClient;
  private readonly _server: EngineServer;
  private _line: Line | undefined;
  private _probing: Line | undefined;
  private _undoProbing: (() => void) | undefined;
  private _poll: ((frames: Frame[]) => void) | undefined;
  private _posting: Line | undefined;
  private _out: Frame[] = [];
  private _timer: (() => void) | undefined;
  private _awaitsPong = false;
  private _state: "open" | "closing" | "closed" = "open";

  constructor(server: EngineServer, url: string) {
    this._server = server;
    this.sid = server.nextId();
    this.client = server.accept(this, url);
    this._out.push(
      "0" +
        JSON.stringify({
          sid: this.sid,
          upgrades: server.config.upgrades ? ["websocket"] : [],
          pingInterval: server.config.pingInterval,
          pingTimeout: server.config.pingTimeout,
          maxPayload: server.config.toldLimit,
        }),
    );
    this._ping();
  }

  /** Over what it is carried now. */
  get transport(): "polling" | "websocket" {
    return this._line ? "websocket" : "polling";
  }

  get isOpen(): boolean {
    return this._state === "open";
  }

  get streams(): boolean {
    return this._line !== undefined;
  }

  /** What is sent now leaves at once. */
  get isWritable(): boolean {
    return this.isOpen && !this._out.length && !!(this._line ?? this._poll);
  }

  stream(line: Line): void {
    this._line = line;
    line.server = {
      frame: (parcel) => this._receive(parcel as Parcel),
      closed: () => this.over("transport close"),
    };
    this._flush();
  }

  /** A WebSocket that wants to take over. */
  probe(line: Line): void {
    if (this._probing) return line.close("server");
    this._probing = line;
    let check: (() => void) | undefined;
    const again = (): void => {
      check = this._server.world.after(PROBE_CHECK, () => {
        this._releasePoll("6");
        again();
      });
    };
    const end = (this._undoProbing = (): void => {
      check?.();
      this._probing = undefined;
      this._undoProbing = undefined;
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
        } else if (frame === "5" && this._state !== "closed") {
          end();
          // what engine.io answers a poll with that is left over
          this._releasePoll("1");
          const isClosing = this._state === "closing";
          this.stream(line);
          if (isClosing) this.over("forced close");
        } else giveUp();
      },
      closed: end,
    };
  }

  post(parcels: Parcel[], line: Line, done: () => void): void {
    this._posting = line;
    for (const parcel of parcels) this._receive(parcel);
    // a server that closes destroys the request that it is reading
    if (!this._posting) return;
    this._posting = undefined;
    done();
  }

  poll(respond: (frames: Frame[]) => void, refuse: () => void): void {
    if (this._poll) {
      this._server.mismatches++;
      refuse();
      return this.over("transport error");
    }
    this._poll = respond;
    this._flush();
    if (this._state === "closing") this.over("forced close");
  }

  /** The client let go of the GET that hangs here. */
  pollLost(): void {
    if (!this._poll) return;
    this._poll = undefined;
    this.over("transport error");
  }

  send(frame: Frame): void {
    if (!this.isOpen) return;
    this._out.push(frame);
    this._flush();
  }

  /** In an orderly way: what was sent goes first. */
  close(): void {
    if (!this.isOpen) return;
    if (this._line || this._poll) return this.over("forced close");
    this._state = "closing";
    this._destroyPost();
    this._timer?.();
    this._timer = this._server.world.after(CLOSE_TIMEOUT, () => this.over("forced close"));
  }

  /** At once. */
  over(reason: string, code?: number): void {
    if (this._state === "closed") return;
    this._state = "closed";
    this._timer?.();
    this._server.sessions.delete(this.sid);
    this._probing?.close("server");
    this._undoProbing?.();
    this._destroyPost();
    this._releasePoll(reason === "transport close" ? "6" : "1");
    this._line?.close("server", code);
    this.client.closed(reason);
  }

  private _destroyPost(): void {
    this._posting?.close("server");
    this._posting = undefined;
  }

  private _releasePoll(frame: string): void {
    const respond = this._poll;
    this._poll = undefined;
    respond?.([...this._out.splice(0), frame]);
  }

  private _flush(): void {
    if (this._line) for (const frame of this._out.splice(0)) this._line.down.send(frame);
    else if (this._poll && this._out.length) {
      const respond = this._poll;
      this._poll = undefined;
      respond(this._out.splice(0));
    }
  }

  private _receive({ frame, stamp }: Parcel): void {
    if (!this.isOpen) return;
    if (this._line && frame.length > this._server.config.limit) {
      this._server.punished(frame);
      return this.over("transport error", TOO_BIG);
    }
    if (frame === "1") return this.over("transport close");
    if (frame === "3") return this._ping();
    // anything that comes puts off the end that a missing pong would bring
    if (this._awaitsPong) this._expectPong();
    if (typeof frame !== "string") this.client.read(frame, stamp);
    else if (frame.startsWith("4")) this.client.read(frame.slice(1), stamp);
  }

  private _ping(): void {
    this._awaitsPong = false;
    this._timer?.();
    this._timer = this._server.world.after(this._server.config.pingInterval, () => {
      this.send("2");
      this._expectPong();
    });
  }

  private _expectPong(): void {
    this._awaitsPong = true;
    this._timer?.();
    this._timer = this._server.world.after(this._server.config.pingTimeout, () =>
      this.over("ping timeout"),
    );
  }
}

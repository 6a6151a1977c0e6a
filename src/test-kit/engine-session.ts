/** One session of Engine.IO, as engine.io 6.6 keeps it: its transports, its heartbeat and its end. */
import { MESSAGE_TOO_BIG, NO_STATUS } from "../protocol/close-codes.js";
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

/** The server that a session belongs to. */
export interface SessionServer {
  readonly world: VirtualTime;
  readonly config: EngineConfig;
  readonly sessions: Map<string, EngineSession>;
  /** Requests that were refused although their session was there. */
  mismatches: number;
  nextId(): string;
  accept(session: EngineSession, url: string): EngineClient;
  /** What was above the limit. */
  punished(frame: Frame): void;
}

/** A server that closes over polling waits so long for a GET to say so. */
const CLOSE_TIMEOUT = 30_000;
/** While somebody probes, polls are let go so often. */
const PROBE_CHECK = 100;

export class EngineSession {
  readonly sid: string;
  readonly client: EngineClient;
  private readonly _server: SessionServer;
  private _line: Line | undefined;
  private _probing: Line | undefined;
  private _undoProbing: (() => void) | undefined;
  private _poll: ((frames: Frame[]) => void) | undefined;
  private _posting: Line | undefined;
  private _out: Frame[] = [];
  private _timer: (() => void) | undefined;
  private _awaitsPong = false;
  private _state: "open" | "closing" | "closed" = "open";

  constructor(server: SessionServer, url: string, isStream: boolean) {
    this._server = server;
    this.sid = server.nextId();
    this.client = server.accept(this, url);
    this._out.push(
      "0" +
        JSON.stringify({
          sid: this.sid,
          upgrades: server.config.upgrades && !isStream ? ["websocket"] : [],
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
    this._line?.close("server", code ?? NO_STATUS);
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
      return this.over("transport error", MESSAGE_TOO_BIG);
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

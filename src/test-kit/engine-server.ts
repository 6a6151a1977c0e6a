/**
 * The Engine.IO half of a server: it opens sessions, and leads WebSockets and requests to them. What is done with their packets is the
 * business of an {@link EngineClient}.
 */
import {
  type EngineClient,
  type EngineConfig,
  EngineSession,
  type Parcel,
  type SessionServer,
} from "./engine-session.js";
import type { Line } from "./lines.js";
import type { Frame } from "./packets.js";
import type { VirtualTime } from "./virtual-time.js";

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

export abstract class EngineServer implements SessionServer {
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
    const session = sid === undefined ? this._open(url, true) : this.sessions.get(sid);
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
        const session = sid === undefined ? this._open(url, false) : this.sessions.get(sid);
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

  private _open(url: string, isStream: boolean): EngineSession {
    const session = new EngineSession(this, url, isStream);
    this.sessions.set(session.sid, session);
    return session;
  }
}

import type { Connection } from "../connection/connection.js";
import type { SharedState } from "../connection/events.js";
import {
  type ChannelSnapshot,
  type Entry,
  type NoteEntry,
  type PacketEntry,
  type PacketName,
  type Report,
  REPORT_VERSION,
  type Snapshot,
} from "../connection/report.js";
import { quote, reportError, TautlineError } from "../errors.js";
import { pageLocation } from "../platform/browser.js";
import { environment } from "../platform/environment.js";
import { PacketType } from "../protocol/socket-packet.js";
import { parseEndpoint } from "../url.js";
import { ownText } from "./head.js";
import type { Keep, PacketRing } from "./packet-ring.js";
import { Pairs } from "./pairs.js";
import { round, Tape } from "./tape.js";
import { VERSION } from "./version.js";

/** A manager of Tautline. */
export interface RecordedManager {
  readonly connection: Connection;
  readonly uri: string | undefined;
  readonly opts: object;
}

/** A manager, or a socket, which stands for its manager. */
export type Recordable = RecordedManager | { readonly io: RecordedManager };

/** Options of {@link record}. */
export interface RecordOptions {
  /** Bytes that the recording may take: half for packets, half for everything else. @default 65536 */
  bytes?: number;
  /**
   * What to keep of a packet beside its head. The returned value is kept as JSON of at most 1,000 characters; undefined
   * keeps nothing. It is called for each packet, and **its result is in the report**.
   *
   * @default nothing
   */
  keep?: Keep;
  /**
   * Replaces the name of an event in the report, for apps with ids in names. If it throws, no name is written. @default
   * the name
   */
  redact?: (event: string, nsp: string) => string;
}

/** The events of a manager whose connection is shared by tabs. */
interface Sharing {
  on?(event: "shared", listener: (state: SharedState) => void): unknown;
  off?(event: "shared", listener: (state: SharedState) => void): unknown;
}

const BYTES = 65536;
const LEAST = 1024;

const NAMES: readonly PacketName[] = [
  "connect",
  "disconnect",
  "event",
  "ack",
  "connect_error",
  "binary_event",
  "binary_ack",
  "ping",
];

/** The record of a connection, as far as there is room. */
export class Recording {
  private readonly _manager: RecordedManager;
  private readonly _tape: Tape;
  private readonly _redact: RecordOptions["redact"];
  private readonly _began = new Date().toISOString();
  private readonly _pairs: Pairs;
  private _shared: SharedState | undefined;
  /** At the end of the recording. */
  private _end: { duration: number; now: Snapshot } | undefined;

  /** Made by {@link record}. */
  constructor(
    manager: RecordedManager,
    tape: Tape,
    redact: RecordOptions["redact"],
    shared: SharedState | undefined,
  ) {
    this._manager = manager;
    this._tape = tape;
    this._redact = redact;
    this._pairs = new Pairs(tape.packets);
    this._shared = shared && { role: shared.role, tabs: shared.tabs };
    (manager as Sharing).on?.("shared", this._noteShared);
  }

  /** False once it was stopped. */
  get isRecording(): boolean {
    return !this._end;
  }

  /** Milliseconds since it began, until now or until it was stopped. */
  get duration(): number {
    if (this._end) return this._end.duration;
    return round(this._manager.connection.timers.now() - this._tape.packets.startedAt);
  }

  /** The kept packets: from index `first` on, below `count`. */
  get packets(): { readonly first: number; readonly count: number } {
    return this._tape.packets;
  }

  /** The kept entries that are not packets, oldest first. It is a live view. */
  get notes(): readonly NoteEntry[] {
    return this._tape.notes.notes;
  }

  /** A packet by its index. Undefined when it is no longer kept. */
  packet(index: number): PacketEntry | undefined {
    const { packets } = this._tape;
    if (!(index >= packets.first && index < packets.count)) return undefined;
    return this._read(packets, index);
  }

  /** The index of the packet that this one answers, or that answers it, if both are kept. */
  pairOf(index: number): number | undefined {
    return this._pairs.other(index);
  }

  /** The state of the connection, now or when the recording was stopped. */
  now(): Snapshot {
    return this._end?.now ?? this._look();
  }

  /** Sends a probe to the server; its round trip is recorded as a note of the kind "probe". */
  probe(): void {
    if (this.isRecording) this._manager.connection.probe(() => {});
  }

  /**
   * The record as plain data, which JSON keeps without loss. It contains no payloads, auth data, headers, queries or
   * error messages; only names of events and namespaces, numbers and codes.
   */
  report(): Report {
    const { packets, notes } = this._tape;
    const { first, count } = packets;
    const server = serverOf(this._manager.uri);
    const entries: Entry[] = [];
    for (let index = first; index < count; index++) entries.push(this._read(packets, index));
    for (const note of notes.notes) entries.push(this._told(note));
    return {
      version: REPORT_VERSION,
      library: VERSION,
      made: new Date().toISOString(),
      began: this._began,
      duration: this.duration,
      environment: environment(),
      ...(server && { server }),
      options: optionsOf(this._manager.opts),
      now: copyOf(this.now()),
      lost: { packets: first, notes: notes.lost },
      entries: entries.sort((a, b) => a.n - b.n),
    };
  }

  /** Stops recording. The record stays; the connection is not affected. */
  stop(): void {
    const { connection } = this._manager;
    if (this._end) return;
    this._end = { duration: this.duration, now: this._look() };
    (this._manager as Sharing).off?.("shared", this._noteShared);
    this._tape.stop();
    connection.tap = undefined;
    recordings.delete(connection);
  }

  private readonly _noteShared = ({ role, tabs }: SharedState): void => {
    this._shared = { role, tabs };
    this._tape.add({ kind: "shared", role, tabs });
  };

  private _look(): Snapshot {
    const { _shared: shared } = this;
    return { ...snapshot(this._manager.connection), ...(shared && { shared }) };
  }

  private _read(packets: PacketRing, index: number): PacketEntry {
    const type = packets.type(index);
    const id = packets.id(index);
    const { nsp, event } = packets.name(index);
    const data = packets.data(index);
    const isAnswer = type === PacketType.ACK || type === PacketType.BINARY_ACK;
    const asked = isAnswer ? this._pairs.other(index) : undefined;
    return {
      n: this._order(index),
      at: round(packets.timeOf(index)),
      kind: packets.isOut(index) ? "out" : "in",
      type: NAMES[type] as PacketName,
      nsp: withoutQuery(nsp),
      ...(event && { event: this._name(event, nsp) }),
      ...(id >= 0 && { id }),
      bytes: packets.bytes(index),
      transport: packets.transport(index),
      ...(asked !== undefined && {
        of: this._order(asked),
        ms: round(packets.timeOf(index) - packets.timeOf(asked)),
      }),
      ...(data && { data }),
    };
  }

  /** The position of a packet among all entries. */
  private _order(index: number): number {
    return index + this._tape.notes.before(index);
  }

  /** A copy that may be published. */
  private _told(note: NoteEntry): NoteEntry {
    const told = copyOf(note);
    if ("nsp" in told) told.nsp = withoutQuery(told.nsp);
    if (told.kind === "drop" && told.event) told.event = this._name(told.event, told.nsp);
    return told;
  }

  private _name(event: string, nsp: string): string {
    if (!this._redact) return event;
    try {
      return String(this._redact(event, nsp));
    } catch (error) {
      // a report is made when something is already wrong, so it must not fail because of a name
      reportError(error);
      return "";
    }
  }
}

const recordings = /* @__PURE__ */ new WeakMap<Connection, Recording>();

/**
 * Records what happens on a connection from now on: states and why, heads of packets, attempts, transports, waits, drops, acks,
 * signals. The payloads are not kept. A connection has one recording: as long as it is not stopped, another call returns it,
 * whatever its options.
 *
 * @param target - a socket, or a manager; all namespaces of the connection are recorded
 * @throws TautlineError `invalid-option`
 * @example const recording = record(socket);
 */
export function record(target: Recordable, options: RecordOptions = {}): Recording {
  const manager = "io" in Object(target) ? (target as { io: RecordedManager }).io : target;
  const { connection } = (manager ?? {}) as Partial<RecordedManager>;
  if (!connection?.timers)
    throw new TautlineError("invalid-option", `${quote(target)} is no socket and no manager`);
  const { bytes = BYTES, keep, redact, ...others } = options;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    throw new TautlineError(
      "invalid-option",
      `there is no option "${unknown}": bytes, keep, redact`,
    );
  if (!(typeof bytes === "number" && bytes >= LEAST && bytes < Infinity))
    throw new TautlineError(
      "invalid-option",
      `\`bytes\` is a number from ${LEAST} on, not ${quote(bytes)}`,
    );
  for (const [name, hook] of Object.entries({ keep, redact }))
    if (hook !== undefined && typeof hook !== "function")
      throw new TautlineError("invalid-option", `\`${name}\` is a function, not ${quote(hook)}`);
  const known = recordings.get(connection);
  if (known) return known;
  const tape = new Tape(connection, bytes, keep, () => recording.report());
  const { shared } = target as { shared?: SharedState };
  const recording: Recording = new Recording(manager as RecordedManager, tape, redact, shared);
  connection.tap = tape;
  recordings.set(connection, recording);
  return recording;
}

function snapshot(connection: Connection): Snapshot {
  const { state, session, schedule, bufferedAmount } = connection;
  const channels: ChannelSnapshot[] = [];
  connection.channels.forEach(({ nsp, state: own, pipeline }) => {
    if (own) channels.push({ nsp: withoutQuery(nsp), state: own, waiting: pipeline.size });
  });
  return {
    state,
    ...(state === "open" && session && { transport: session.transport.name }),
    attempt: schedule.attempt,
    uptime: round(schedule.uptime),
    waiting: channels.reduce((sum, { waiting }) => sum + waiting, 0),
    bufferedAmount,
    channels,
  };
}

/** Options that say how a connection is kept, and cannot contain a secret. */
const OPTIONS = [
  "reconnection",
  "reconnectionAttempts",
  "reconnectionDelay",
  "reconnectionDelayMax",
  "randomizationFactor",
  "minUptime",
  "probeTimeout",
  "timeout",
  "autoConnect",
  "forceNew",
  "multiplex",
  "upgrade",
  "rememberUpgrade",
  "fallbackDelay",
  "requestTimeout",
  "withCredentials",
  "closeOnBeforeunload",
];

function optionsOf(opts: object): Report["options"] {
  const told: Report["options"] = {};
  const given = opts as Record<string, unknown>;
  for (const name of OPTIONS) {
    const value = given[name];
    if (typeof value === "boolean" || Number.isFinite(value)) told[name] = value as number;
  }
  const { transports } = given;
  if (Array.isArray(transports)) told["transports"] = transports.map(transportName);
  return told;
}

function transportName(transport: unknown): string {
  if (typeof transport === "string") return ownText(transport);
  return String((transport as { transportName?: unknown } | null)?.transportName ?? "custom");
}

/** The server's address without path, query or user name. */
function serverOf(uri: string | undefined): string | undefined {
  try {
    return parseEndpoint(uri, pageLocation()).origin || undefined;
  } catch {
    return undefined;
  }
}

function withoutQuery(nsp: string): string {
  return nsp.replace(/\?.*$/s, "");
}

function copyOf<T>(data: T): T {
  return JSON.parse(JSON.stringify(data)) as T;
}

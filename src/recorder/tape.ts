import type { ChannelEvent, ChannelState } from "../connection/channel-table.js";
import type { Connection } from "../connection/connection.js";
import type { Change, ConnectionEvent } from "../connection/connection-table.js";
import type { ConnectionEvents, ConnectionState } from "../connection/events.js";
import type { AttemptEntry, NoteEntry, Report } from "../connection/report.js";
import type { Note, Tap } from "../connection/tap.js";
import { type Attempt, TautlineError } from "../errors.js";
import type { CloseDetails, CloseReason } from "../protocol/close-reason.js";
import type { SocketPacket } from "../protocol/socket-packet.js";
import type { Transport } from "../transports/transport.js";
import { nameOf, ownText } from "./head.js";
import { NoteRing } from "./note-ring.js";
import { type Keep, PacketRing } from "./packet-ring.js";

/** A note without its number and time. */
type Draft<T = NoteEntry> = T extends NoteEntry ? Omit<T, "n" | "at"> : never;

/** Records what a connection does. Half of the room is for packets, half for everything else. */
export class Tape implements Tap {
  readonly packets: PacketRing;
  readonly notes: NoteRing;
  private readonly _connection: Connection;
  private _unwatch: (() => void) | undefined;

  constructor(
    connection: Connection,
    bytes: number,
    keep: Keep | undefined,
    readonly report: () => Report,
  ) {
    this._connection = connection;
    this.packets = new PacketRing(connection, bytes / 2, keep);
    this.notes = new NoteRing(bytes / 2);
    this._watch();
  }

  /** Stops recording. */
  stop(): void {
    this._unwatch?.();
    this._unwatch = undefined;
  }

  // -- from the connection

  moved(state: ConnectionState, old: ConnectionState, event: ConnectionEvent, by: Change): void {
    const { schedule, session } = this._connection;
    const isAgain = old === "waiting" || old === "offline";
    // it is counted after this event
    const attempt =
      state === "waiting" || (state === "opening" && isAgain) ? schedule.attempt + 1 : 0;
    const { why, delay } = by;
    this.add({
      kind: "state",
      state,
      old,
      event,
      why,
      ...(state === "waiting" && delay !== undefined && { delay: round(delay) }),
      ...(attempt && { attempt }),
    });
    if (state !== "open" || !session) return;
    const attempts = attemptsOf(session.attempts);
    this.add({ kind: "transport", what: "opened", transport: session.transport.name, attempts });
    this._watch();
  }

  channelMoved(nsp: string, state: ChannelState, old: ChannelState, event: ChannelEvent): void {
    this.add({ kind: "channel", nsp, state, old, event });
  }

  told<K extends keyof ConnectionEvents>(event: K, args: Parameters<ConnectionEvents[K]>): void {
    const [first, second] = args as unknown[];
    switch (event) {
      case "ping":
        return this.packets.pinged();
      case "error": {
        const { code, attempts } = first as TautlineError;
        return this.add({ kind: "failure", code, attempts: attemptsOf(attempts) });
      }
      case "close":
        return this.add({
          kind: "close",
          reason: first as CloseReason,
          ...causeOf(second as CloseDetails),
        });
      case "drop": {
        const { code, delivery } = first as TautlineError;
        const { nsp, data } = second as SocketPacket;
        const [name] = data as unknown[];
        this.add({
          kind: "drop",
          code,
          nsp,
          ...(name !== undefined && { event: ownText(nameOf(name)) }),
          ...(delivery && { delivery }),
        });
      }
    }
  }

  note(note: Note): void {
    this.add(note.kind === "probe" ? { kind: "probe", ms: round(note.ms) } : note);
  }

  /** An entry that is not a packet. */
  add(draft: Draft): void {
    const at = round(this._connection.timers.now() - this.packets.startedAt);
    const { notes, packets } = this;
    const n = packets.count + notes.count;
    notes.add({ n, at, ...draft } as NoteEntry, packets.count);
  }

  // -- the session

  /** Events of the session itself say whether it moves to another transport. */
  private _watch(): void {
    this.stop();
    const { session } = this._connection;
    if (!session) return;
    this.packets.follow(session);
    const probed = ({ name }: Transport): void =>
      this.add({ kind: "transport", what: "probed", transport: name });
    const upgraded = ({ name }: Transport): void => {
      this.packets.over(name);
      this.add({ kind: "transport", what: "upgraded", transport: name });
    };
    const stayed = ({ code, attempts }: TautlineError): void =>
      this.add({
        kind: "transport",
        what: "stayed",
        transport: session.transport.name,
        code,
        ...(attempts && { attempts: attemptsOf(attempts) }),
      });
    session.on("upgrading", probed).on("upgrade", upgraded).on("upgradeError", stayed);
    this._unwatch = () =>
      session.off("upgrading", probed).off("upgrade", upgraded).off("upgradeError", stayed);
  }
}

/** Rounded to a tenth of a millisecond. */
export function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}

/** Without causes and messages, because they may contain private data. */
function attemptsOf(attempts: readonly Attempt[] = []): AttemptEntry[] {
  return attempts.map(({ transport, ms, code, status }) => ({
    transport,
    ms: round(ms),
    code,
    ...(status !== undefined && { status }),
  }));
}

/** What is known about the end of a connection, as numbers and codes. */
function causeOf(
  details: CloseDetails,
): Pick<Extract<NoteEntry, { kind: "close" }>, "code" | "status" | "closeCode"> {
  if (details instanceof TautlineError) return { code: details.code };
  if (!details || details instanceof Error) return {};
  const { description, context } = details as { description: unknown; context?: unknown };
  const closeCode = (context as { code?: unknown } | undefined)?.code;
  return {
    ...(typeof description === "number" && { status: description }),
    ...(typeof closeCode === "number" && { closeCode }),
  };
}

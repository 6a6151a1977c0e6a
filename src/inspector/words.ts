import type { SharedState } from "../connection/events.js";
import type { AttemptEntry, NoteEntry, PacketEntry, Snapshot } from "../connection/report.js";

/** Milliseconds, for people: "12.3 ms", "4.56 s". */
export function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms * 10) / 10} ms` : `${(ms / 1000).toFixed(2)} s`;
}

/** The time of an entry: seconds since the recording began. */
export function time(at: number): string {
  return (at / 1000).toFixed(3);
}

/** Bytes, for people: "512 B", "1.5 kB". */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** The columns of a packet. */
export function packetCells(packet: PacketEntry): string[] {
  const { at, kind, type, nsp, event, id, bytes, ms } = packet;
  return [
    time(at),
    kind,
    event === undefined ? type : event,
    nsp,
    id === undefined ? "" : `#${id}`,
    size(bytes),
    ms === undefined ? "" : duration(ms),
  ];
}

/** All known properties of a packet, by name. */
export function packetFacts(packet: PacketEntry): [name: string, value: string][] {
  const { at, kind, type, nsp, event, id, bytes, transport, ms, data } = packet;
  const facts: [string, string | undefined][] = [
    ["Time", `${time(at)} s`],
    ["Direction", kind],
    ["Type", type],
    ["Namespace", nsp],
    ["Event", event],
    ["Ack id", id === undefined ? undefined : String(id)],
    ["Size", size(bytes)],
    ["Transport", transport],
    ["Round trip", ms === undefined ? undefined : duration(ms)],
    ["Kept", data],
  ];
  return facts.filter((fact): fact is [string, string] => fact[1] !== undefined);
}

/** The columns of an entry that is not a packet: time, kind, and a description. */
export function noteCells(note: NoteEntry): string[] {
  return [time(note.at), note.kind, noteText(note)];
}

function noteText(note: NoteEntry): string {
  switch (note.kind) {
    case "state":
      return [
        `${note.old} \u2192 ${note.state}: ${note.why}`,
        note.delay === undefined ? "" : `, next try in ${duration(note.delay)}`,
        note.attempt ? `, attempt ${note.attempt}` : "",
      ].join("");
    case "channel":
      return `${note.nsp} ${note.old} \u2192 ${note.state}: ${note.event}`;
    case "transport":
      return `${note.transport} ${note.what}${coded(note.code)}${tried(note.attempts)}`;
    case "failure":
      return `${note.code}${tried(note.attempts)}`;
    case "close":
      return `${note.reason}${coded(note.code ?? note.status ?? note.closeCode)}`;
    case "drop":
      return `${note.nsp} ${note.event ?? ""}: ${note.code}`;
    case "refused":
      return `${note.nsp}: ${note.code}`;
    case "wait":
      return `${note.nsp}: ${duration(note.delay)}`;
    case "signal":
      return note.signal;
    case "shared":
      return sharedText(note);
    case "probe":
      return duration(note.ms);
  }
}

/** The role of a tab in a shared connection. */
export function sharedText({ role, tabs }: SharedState): string {
  return `${role}, ${tabs} tab${tabs === 1 ? "" : "s"}`;
}

function coded(code: string | number | undefined): string {
  return code === undefined ? "" : ` (${code})`;
}

function tried(attempts: readonly AttemptEntry[] = []): string {
  const list = attempts.map(
    ({ transport, code, ms, status }) =>
      `${transport}: ${code}${coded(status)} after ${duration(ms)}`,
  );
  return list.length ? `; ${list.join(", ")}` : "";
}

/** The announcement of a change of state, in a few words. */
export function announcement({ state, transport }: Snapshot): string {
  return `Connection ${state}${transport ? `, ${transport}` : ""}`;
}

import type { Direction, Flight, Line, LineKind, LineWatcher } from "./lines.js";
import type { Frame } from "./packets.js";
import type { VirtualTime } from "./virtual-time.js";

/**
 * Events of a network. Times are milliseconds since it was made; lines and frames are numbered in the order of their
 * appearance.
 */
export type NetworkNews =
  | { readonly kind: "fault"; readonly at: number; readonly what: string }
  | {
      readonly kind: "opened" | "ended";
      readonly at: number;
      readonly line: number;
      readonly over: LineKind;
    }
  | {
      readonly kind: "sent" | "arrived" | "lost";
      readonly at: number;
      readonly line: number;
      readonly over: LineKind;
      readonly frame: number;
      readonly direction: Direction;
      /** When it arrives, unless it is delayed. */
      readonly due: number;
      readonly text: string;
    };

/** The events of a network, one line each. */
export class Transcript {
  private readonly _lines: string[] = [];

  constructor(private readonly _time: VirtualTime) {}

  get text(): string {
    return this._lines.join("\n");
  }

  /** The last lines. */
  tail(): string {
    return this._lines.slice(-8).join("\n");
  }

  frame(direction: Direction, kind: LineKind, frame: unknown): void {
    this._add(`${direction} ${kind} ${show(frame)}`);
  }

  fault(what: string): void {
    this._add(`! ${what}`);
  }

  private _add(text: string): void {
    this._lines.push(`${this._time.elapsed.toFixed(3)} ${text}`);
  }
}

/** A readable form of the frames. */
export function showing(time: VirtualTime, tell: (news: NetworkNews) => void): LineWatcher {
  const start = time.now - time.elapsed;
  const lines = numbers<Line>();
  const frames = numbers<Flight>();
  return {
    line: (kind, line) => tell({ kind, at: time.elapsed, line: lines(line), over: line.kind }),
    frame: (kind, flight, line, direction) =>
      tell({
        kind,
        at: time.elapsed,
        line: lines(line),
        over: line.kind,
        frame: frames(flight),
        direction,
        due: flight.at - start,
        text: show(flight.frame),
      }),
  };
}

/** A number for each thing, from 1. */
function numbers<T extends object>(): (thing: T) => number {
  const known = new WeakMap<T, number>();
  let count = 0;
  return (thing) => {
    let number = known.get(thing);
    if (number === undefined) known.set(thing, (number = ++count));
    return number;
  };
}

function show(frame: unknown): string {
  if (typeof frame === "string") return frame;
  if (frame instanceof Uint8Array)
    return `<${[...frame].map((byte) => byte.toString(16).padStart(2, "0")).join("")}>`;
  const {
    frame: inner,
    parcels,
    frames,
    status,
    sid,
  } = frame as {
    frame?: Frame;
    parcels?: { frame: Frame }[];
    frames?: Frame[];
    status?: number;
    sid?: string;
  };
  if (inner !== undefined) return show(inner);
  if (frames) return `${status} ${frames.map(show).join(" ")}`;
  return `${parcels ? "POST" : "GET"} ${sid ?? "-"} ${parcels?.map(show).join(" ") ?? ""}`;
}

import type { Direction, LineKind } from "./lines.js";
import type { Frame } from "./packets.js";
import type { VirtualTime } from "./virtual-time.js";

/** What happened on a network, a line each. */
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

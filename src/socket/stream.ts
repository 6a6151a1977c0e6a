import { randomId } from "../platform/browser.js";

/** The last argument of a packet that is to arrive once: which stream of packets, and its number in it. */
export const TAG = "$tautline";

/** True for what {@link Stream.tag} adds. */
export function isTag(value: unknown): boolean {
  return typeof value === "object" && value !== null && TAG in value;
}

/** The numbered packets of one socket, so that a server with `tautline/server` knows what it has seen. */
export class Stream {
  readonly id = randomId();
  private _sequence = 0;

  /** The arguments with the next number. */
  tag(args: readonly unknown[]): unknown[] {
    return [...args, { [TAG]: [this.id, ++this._sequence] }];
  }
}

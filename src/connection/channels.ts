import type { LineUser } from "../pipeline/line.js";
import type { LineMember } from "./channel-line.js";

/** The channels of a connection: by namespace, who needs it, and who waits for room on it. */
export class Channels {
  private readonly _byName = new Map<string, LineMember>();
  private readonly _users = new Set<LineMember>();
  private _blocked: Set<LineUser> | undefined;

  get(nsp: string): LineMember | undefined {
    return this._byName.get(nsp);
  }

  add(channel: LineMember): void {
    this._byName.set(channel.nsp, channel);
  }

  /** The channel needs the connection. */
  join(channel: LineMember): void {
    this._users.add(channel);
  }

  /** It doesn't any more. True when it was the last one. */
  leave(channel: LineMember): boolean {
    this._blocked?.delete(channel);
    return this._users.delete(channel) && !this._users.size;
  }

  /** True when no other channel needs the connection. */
  isAlone(channel: LineMember): boolean {
    return this._users.size === 1 && this._users.has(channel);
  }

  /** `user.drained()` is called once when there is room. */
  block(user: LineUser): void {
    (this._blocked ??= new Set()).add(user);
  }

  /** There is room: the waiting users try again, in their order. */
  unblock(): void {
    const blocked = this._blocked;
    this._blocked = undefined;
    for (const user of blocked ?? []) user.drained();
  }

  /** Calls `tell` for each channel, over a copy. */
  forEach(tell: (channel: LineMember) => void): void {
    for (const channel of [...this._byName.values()]) tell(channel);
  }
}

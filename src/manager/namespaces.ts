import type { LinkMember } from "../socket/link.js";

/** Which socket gets a packet, who needs the connection, and who waits for room on it. */
export class Namespaces {
  /** Everybody who may still be spoken to. */
  readonly #members = new Map<string, LinkMember>();
  readonly #active = new Set<LinkMember>();
  readonly #blocked = new Set<LinkMember>();

  /** True when nobody needs the connection. */
  get isIdle(): boolean {
    return !this.#active.size;
  }

  get(nsp: string): LinkMember | undefined {
    return this.#members.get(nsp);
  }

  add(member: LinkMember): void {
    this.#members.set(member.nsp, member);
    this.#active.add(member);
  }

  /** @param expectsAnswer - the server still has to answer its CONNECT */
  remove(member: LinkMember, expectsAnswer: boolean): void {
    this.#active.delete(member);
    this.#blocked.delete(member);
    if (!expectsAnswer && this.#members.get(member.nsp) === member)
      this.#members.delete(member.nsp);
  }

  /** A packet of this member was not taken. */
  block(member: LinkMember): void {
    this.#blocked.add(member);
  }

  /** There is room: whoever waits tries again, first come first served. */
  unblock(): void {
    if (!this.#blocked.size) return;
    const blocked = [...this.#blocked];
    this.#blocked.clear();
    for (const member of blocked) member.linkDrained();
  }

  /** Calls `tell` for everybody who is still there when their turn comes. */
  forEach(tell: (member: LinkMember) => void): void {
    for (const member of [...this.#members.values()])
      if (this.#members.get(member.nsp) === member) tell(member);
  }

  /** The connection is gone: no answer will come to those who have left. */
  forgetLeavers(): void {
    for (const member of this.#members.values())
      if (!this.#active.has(member)) this.#members.delete(member.nsp);
  }
}

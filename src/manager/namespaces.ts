import type { LinkMember } from "../socket/link.js";

/** Which socket gets a packet, who needs the connection, and who waits for room on it. */
export class Namespaces {
  /** Everybody who may still be spoken to. */
  readonly #members = new Map<string, LinkMember>();
  /** Those of them who have left, but whom the server has still to answer. */
  #leavers: Set<LinkMember> | undefined;
  #blocked: Set<LinkMember> | undefined;

  /** True when nobody needs the connection. */
  get isIdle(): boolean {
    return this.#members.size === (this.#leavers?.size ?? 0);
  }

  get(nsp: string): LinkMember | undefined {
    return this.#members.get(nsp);
  }

  add(member: LinkMember): void {
    this.#members.set(member.nsp, member);
    this.#leavers?.delete(member);
  }

  /** @param expectsAnswer - the server still has to answer its CONNECT */
  remove(member: LinkMember, expectsAnswer: boolean): void {
    this.#blocked?.delete(member);
    if (this.#members.get(member.nsp) !== member) return;
    if (expectsAnswer) (this.#leavers ??= new Set()).add(member);
    else {
      this.#members.delete(member.nsp);
      this.#leavers?.delete(member);
    }
  }

  /** A packet of this member was not taken. */
  block(member: LinkMember): void {
    (this.#blocked ??= new Set()).add(member);
  }

  /** There is room: whoever waits tries again, first come first served. */
  unblock(): void {
    const blocked = this.#blocked;
    this.#blocked = undefined;
    for (const member of blocked ?? []) member.linkDrained();
  }

  /** Calls `tell` for everybody who is still there when their turn comes. */
  forEach(tell: (member: LinkMember) => void): void {
    for (const member of [...this.#members.values()])
      if (this.#members.get(member.nsp) === member) tell(member);
  }

  /** The connection is gone: no answer will come to those who have left. Returns them. */
  forgetLeavers(): Iterable<LinkMember> {
    const leavers = this.#leavers ?? [];
    for (const { nsp } of leavers) this.#members.delete(nsp);
    this.#leavers = undefined;
    return leavers;
  }
}

import type { LinkMember } from "../socket/link.js";
import { IdleSockets } from "./sockets.js";

/** Which socket gets a packet, who needs the connection, and who waits for room on it. */
export class Namespaces {
  readonly #idle = new IdleSockets<object>();
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

  /** The socket of a namespace, if it has one, connected or not. */
  find(nsp: string): object | undefined {
    return this.#members.get(nsp)?.socket ?? this.#idle.get(nsp);
  }

  /** A socket that needs no connection yet. */
  keep(nsp: string, socket: object): void {
    this.#idle.keep(nsp, socket);
  }

  add(member: LinkMember): void {
    this.#members.set(member.nsp, member);
    this.#leavers?.delete(member);
    this.#idle.release(member.nsp, member.socket);
  }

  /** @param expectsAnswer - the server still has to answer its CONNECT */
  remove(member: LinkMember, expectsAnswer: boolean): void {
    this.#blocked?.delete(member);
    if (!expectsAnswer) this.#forget(member);
    else if (this.get(member.nsp) === member) (this.#leavers ??= new Set()).add(member);
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

  /** The connection is gone: no answer will come to those who have left. */
  forgetLeavers(): void {
    for (const member of this.#leavers ?? []) this.#forget(member);
    this.#leavers = undefined;
  }

  #forget(member: LinkMember): void {
    const { nsp, socket } = member;
    this.#leavers?.delete(member);
    if (this.get(nsp) === member) this.#members.delete(nsp);
    this.#idle.loosen(nsp, socket);
  }
}

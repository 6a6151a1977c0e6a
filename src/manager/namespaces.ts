import type { LinkMember } from "../socket/link.js";
import { IdleSockets } from "./sockets.js";

/** Which socket gets a packet, who needs the connection, and who waits for room on it. */
export class Namespaces {
  private readonly _idle = new IdleSockets<object>();
  /** Everybody who may still be spoken to. */
  private readonly _members = new Map<string, LinkMember>();
  /** Those of them who have left, but whom the server has still to answer. */
  private _leavers: Set<LinkMember> | undefined;
  private _blocked: Set<LinkMember> | undefined;

  /** True when nobody needs the connection. */
  get isIdle(): boolean {
    return this._members.size === (this._leavers?.size ?? 0);
  }

  get(nsp: string): LinkMember | undefined {
    return this._members.get(nsp);
  }

  /** The socket of a namespace, if it has one, connected or not. */
  find(nsp: string): object | undefined {
    return this._members.get(nsp)?.socket ?? this._idle.get(nsp);
  }

  /** A socket that needs no connection yet. */
  keep(nsp: string, socket: object): void {
    this._idle.keep(nsp, socket);
  }

  add(member: LinkMember): void {
    this._members.set(member.nsp, member);
    this._leavers?.delete(member);
    this._idle.release(member.nsp, member.socket);
  }

  /** @param expectsAnswer - the server still has to answer its CONNECT */
  remove(member: LinkMember, expectsAnswer: boolean): void {
    this._blocked?.delete(member);
    if (!expectsAnswer) this._forget(member);
    else if (this.get(member.nsp) === member) (this._leavers ??= new Set()).add(member);
  }

  /** A packet of this member was not taken. */
  block(member: LinkMember): void {
    (this._blocked ??= new Set()).add(member);
  }

  /** There is room: whoever waits tries again, first come first served. */
  unblock(): void {
    const blocked = this._blocked;
    this._blocked = undefined;
    for (const member of blocked ?? []) member.linkDrained();
  }

  /** Calls `tell` for everybody who is still there when their turn comes. */
  forEach(tell: (member: LinkMember) => void): void {
    for (const member of [...this._members.values()])
      if (this._members.get(member.nsp) === member) tell(member);
  }

  /** The connection is gone: no answer will come to those who have left. */
  forgetLeavers(): void {
    for (const member of this._leavers ?? []) this._forget(member);
    this._leavers = undefined;
  }

  private _forget(member: LinkMember): void {
    const { nsp, socket } = member;
    this._leavers?.delete(member);
    if (this.get(nsp) === member) this._members.delete(nsp);
    this._idle.loosen(nsp, socket);
  }
}

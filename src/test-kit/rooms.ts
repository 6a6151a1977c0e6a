/** Which sockets of a namespace are in which rooms. socket.io calls it the adapter. */
export class Rooms {
  /** Room -> ids of sockets. */
  readonly rooms = new Map<string, Set<string>>();
  /** Id of a socket -> its rooms. */
  readonly sids = new Map<string, Set<string>>();

  add(id: string, rooms: Iterable<string>): void {
    const mine = this.sids.get(id) ?? new Set<string>();
    this.sids.set(id, mine);
    for (const room of rooms) {
      mine.add(room);
      const members = this.rooms.get(room) ?? new Set<string>();
      this.rooms.set(room, members.add(id));
    }
  }

  remove(id: string, room: string): void {
    this.sids.get(id)?.delete(room);
    const members = this.rooms.get(room);
    members?.delete(id);
    if (members && !members.size) this.rooms.delete(room);
  }

  removeAll(id: string): void {
    for (const room of [...(this.sids.get(id) ?? [])]) this.remove(id, room);
    this.sids.delete(id);
  }

  /** The sockets in any of `rooms`, or all, without those in any of `except`. A room is also the id of a socket. */
  select(rooms: ReadonlySet<string>, except: ReadonlySet<string>): string[] {
    const barred = new Set([...except].flatMap((room) => [...(this.rooms.get(room) ?? [])]));
    const ids = rooms.size
      ? new Set([...rooms].flatMap((room) => [...(this.rooms.get(room) ?? [])]))
      : this.sids.keys();
    return [...ids].filter((id) => !barred.has(id));
  }
}

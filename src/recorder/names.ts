import { NAME, ownText } from "./head.js";

/** A namespace and the name of an event in it; "" for packets that are not events. */
export interface Name {
  readonly nsp: string;
  readonly event: string;
}

/** Numbers for names, so that a packet consists of numbers only: most packets have one of a few names. */
export class Names {
  /** The number of characters of all names. */
  length = 0;
  private _list: Name[] = [];
  private readonly _byNsp = new Map<string, Map<string, number>>();

  get count(): number {
    return this._list.length;
  }

  numberOf(nsp: string, event: string): number {
    const place = nsp.length > NAME ? nsp.slice(0, NAME) : nsp;
    return this._byNsp.get(place)?.get(event) ?? this._add(ownText(place), ownText(event));
  }

  name(number: number): Name {
    return this._list[number] as Name;
  }

  private _add(nsp: string, event: string): number {
    const number = this._list.push({ nsp, event }) - 1;
    let byEvent = this._byNsp.get(nsp);
    if (!byEvent) this._byNsp.set(nsp, (byEvent = new Map<string, number>()));
    byEvent.set(event, number);
    this.length += nsp.length + event.length;
    return number;
  }

  /** Forgets all names. Returns the old ones, by number. */
  clear(): readonly Name[] {
    const names = this._list;
    this._list = [];
    this._byNsp.clear();
    this.length = 0;
    return names;
  }
}

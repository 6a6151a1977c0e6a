/**
 * A map that knows its oldest entry in constant time: a new iterator would have to walk over all that was deleted before.
 * An entry that was seen as the oldest must not be deleted and added again; no key is undefined.
 */
export class Fifo<K, V> extends Map<K, V> {
  private _entries: Iterator<[K, V]> | undefined = undefined;
  private _oldest: [K, V] | undefined = undefined;

  get oldest(): V | undefined {
    while (this.size && !this.has(this._oldest?.[0] as K)) {
      this._entries ??= this.entries();
      this._oldest = (this._entries.next() as { value?: [K, V] }).value;
      // an iterator that has come to its end stays there
      if (!this._oldest) this._entries = undefined;
    }
    return this.size ? this._oldest?.[1] : undefined;
  }
}

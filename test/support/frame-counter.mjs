/** Follows one direction of a WebSocket and knows where its frames begin and end (RFC 6455, section 5.2). */
export class FrameCounter {
  #header = [];
  #missing = 0;

  /** Frames that have ended so far. */
  ended = 0;
  /** Frames of which at least one byte was seen. */
  begun = 0;

  /**
   * @param {Buffer} chunk
   * @returns {{ frame: number, from: number, to: number, ends: boolean }[]} the parts of the chunk, frame by frame
   */
  scan(chunk) {
    const parts = [];
    let at = 0;
    while (at < chunk.length) {
      const from = at;
      if (this.ended === this.begun) this.begun++;
      while (at < chunk.length && this.#missing === 0 && !this.#headerComplete()) {
        this.#header.push(chunk[at++]);
        if (this.#headerComplete()) this.#missing = this.#payloadLength();
      }
      if (this.#headerComplete()) {
        const step = Math.min(this.#missing, chunk.length - at);
        at += step;
        this.#missing -= step;
        if (this.#missing === 0) {
          this.ended++;
          this.#header = [];
          parts.push({ frame: this.ended, from, to: at, ends: true });
          continue;
        }
      }
      parts.push({ frame: this.begun, from, to: at, ends: false });
    }
    return parts;
  }

  #headerComplete() {
    if (this.#header.length < 2) return false;
    const length = this.#header[1] & 0x7f;
    const mask = this.#header[1] & 0x80 ? 4 : 0;
    return this.#header.length >= 2 + mask + (length === 126 ? 2 : length === 127 ? 8 : 0);
  }

  #payloadLength() {
    const short = this.#header[1] & 0x7f;
    if (short < 126) return short;
    const bytes = Buffer.from(this.#header.slice(2, short === 126 ? 4 : 10));
    return short === 126 ? bytes.readUInt16BE() : Number(bytes.readBigUInt64BE());
  }
}

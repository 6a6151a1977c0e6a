/**
 * One direction of a simulated wire: a queue in which every piece waits for its moment.
 *
 * Pieces leave in the order in which they came, whatever the latency was changed to meanwhile. A stalled line keeps
 * what it has, as a network does that drops packets while TCP repeats them.
 */
export class DelayLine {
  #conditions;
  #queue = [];
  #queued = 0;
  #lastDue = 0;
  #busyUntil = 0;
  #timer = undefined;
  #immediate = undefined;
  #blocked = false;
  #closed = false;

  /** @param {() => { latency: number, bandwidth: number, stalled: boolean }} conditions read when they matter */
  constructor(conditions) {
    this.#conditions = conditions;
  }

  /** Bytes that wait in the line. */
  get queued() {
    return this.#queued;
  }

  /** Nothing leaves before this moment of `performance.now()`. */
  notBefore(moment) {
    this.#lastDue = Math.max(this.#lastDue, moment);
  }

  /**
   * @param {number} size bytes, for the bandwidth
   * @param {() => void} deliver run at the piece's moment
   */
  push(size, deliver) {
    if (this.#closed) return;
    const { latency, bandwidth } = this.#conditions();
    const now = performance.now();
    let sent = now;
    if (bandwidth > 0) {
      this.#busyUntil = Math.max(this.#busyUntil, now) + (size / bandwidth) * 1000;
      sent = this.#busyUntil;
    }
    this.#lastDue = Math.max(this.#lastDue, sent + latency);
    this.#queue.push({ due: this.#lastDue, size, deliver });
    this.#queued += size;
    this.run();
  }

  /** The far side takes no more for now. */
  block() {
    this.#blocked = true;
  }

  unblock() {
    this.#blocked = false;
    this.run();
  }

  /** Delivers what is due; to be called when the conditions changed. */
  run() {
    this.#disarm();
    while (this.#queue.length > 0 && !this.#blocked && !this.#conditions().stalled) {
      const wait = this.#queue[0].due - performance.now();
      if (wait > 0) return this.#arm(wait);
      const { size, deliver } = this.#queue.shift();
      this.#queued -= size;
      deliver();
    }
  }

  /** Forgets everything; nothing is delivered any more. */
  close() {
    this.#closed = true;
    this.#queue = [];
    this.#queued = 0;
    this.#disarm();
  }

  #arm(wait) {
    // A timer is only good to a millisecond: the rest is waited out in turns of the event loop.
    if (wait >= 1) this.#timer = setTimeout(() => this.run(), Math.floor(wait));
    else this.#immediate = setImmediate(() => this.run());
  }

  #disarm() {
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
  }
}

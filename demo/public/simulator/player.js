/** Time: virtual milliseconds for real ones. */
import { nextFrame, realNow } from "./real.js";

/** Real milliseconds of each frame that may be spent on the run, and those after which a page that was hidden goes on. */
const BUDGET = 12;
const LONGEST = 100;
/** Virtual milliseconds between two looks at the clock. */
const SLICE = 250;
/** Real milliseconds over which the rate is measured. */
const WINDOW = 500;
/** The fastest that can be looked at; what is faster is shown so many real milliseconds apart. */
const SEEN = 1;
const SELDOM = 150;

export class Player {
  isPlaying = false;
  /** Virtual seconds for each real second, as measured. */
  rate = 0;
  #speed = 1;
  #world;
  #shown;
  #underWay = 0;
  /** Called when a run that is played is over. */
  ended = () => {};
  #queue = Promise.resolve();
  #since = { real: 0, virtual: 0 };

  /** @param {() => void} shown called in each frame, and when something has changed */
  constructor(shown) {
    this.#shown = shown;
  }

  /** Virtual milliseconds for each real one. */
  get speed() {
    return this.#speed;
  }

  set speed(speed) {
    this.#speed = speed;
    this.#measureAnew();
  }

  get world() {
    return this.#world;
  }

  /** Something that was asked for is not done yet. */
  get isBusy() {
    return this.#underWay > 0;
  }

  /** From now on it is this one. The one before is closed. @param {() => import("./world.js").World} make */
  replace(make) {
    return this.#next(async () => {
      await this.#world?.close();
      this.#world = make();
      this.#measureAnew(this.rate);
      this.#shown();
    });
  }

  play(isPlaying) {
    this.isPlaying = isPlaying;
    this.#measureAnew();
    this.#shown();
  }

  step() {
    this.isPlaying = false;
    return this.#act(() => this.#world.step());
  }

  /** @param {string} id */
  do(id) {
    return this.#act(() => this.#world.do(id));
  }

  /** Goes to the end of a run that has one, as fast as it can. */
  finish() {
    return this.#act(async () => {
      const world = this.#world;
      for (this.#measureAnew(); !world.isOver;) {
        await world.advance(SLICE);
        this.#measure();
      }
    });
  }

  start() {
    let last = realNow();
    let shownAt = 0;
    const frame = async () => {
      const elapsed = Math.min(realNow() - last, LONGEST);
      last = realNow();
      const { isPlaying } = this;
      if (isPlaying) await this.#next(() => this.#pass(elapsed));
      if (!isPlaying || this.speed <= SEEN || last - shownAt > SELDOM) {
        shownAt = last;
        this.#shown();
      }
      nextFrame(frame);
    };
    nextFrame(frame);
  }

  async #pass(elapsed) {
    const world = this.#world;
    let left = elapsed * this.speed;
    if (world.isOver) return;
    for (const end = realNow() + BUDGET; left > 0 && realNow() < end && !world.isOver;) {
      const part = Math.min(left, SLICE);
      await world.advance(part);
      left -= part;
    }
    this.#measure();
    if (world.isOver) this.ended();
  }

  #measureAnew(rate = 0) {
    this.rate = rate;
    this.#since = { real: realNow(), virtual: this.#world?.now ?? 0 };
  }

  #measure() {
    const { real, virtual } = this.#since;
    const elapsed = realNow() - real;
    const { now, isOver } = this.#world;
    // a short run is measured with those before it
    if (elapsed < WINDOW && !(isOver && !this.rate)) return;
    this.#measureAnew((now - virtual) / elapsed);
  }

  /** One thing after the other: each of them takes turns of the event loop. */
  #next(task) {
    const done = this.#queue.then(task);
    this.#queue = done.catch(() => {});
    return done;
  }

  /** What somebody asked for is shown at once. */
  #act(task) {
    this.#underWay++;
    this.#shown();
    return this.#next(task).finally(() => {
      this.#underWay--;
      this.#shown();
    });
  }
}

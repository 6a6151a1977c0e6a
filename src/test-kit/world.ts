/** An event at a moment. */
export interface Due {
  at: number;
  task: (() => void) | undefined;
  readonly side: "page" | "server" | "world";
  readonly isTimer: boolean;
  /** How deeply this timer is nested: it was set by a timer, which was set by a timer. */
  readonly depth: number;
  /** Milliseconds after which it repeats. */
  readonly every: number | undefined;
  /** It came due while the page was frozen. */
  isHeld?: boolean;
}

/** What the page's functions need of this world. */
export interface World {
  readonly now: number;
  readonly offset: number;
  readonly isEntered: boolean;
  timer(ms: number, task: () => void, isRepeated?: boolean): Due;
  replace(target: object, name: string, value: unknown): void;
  replaceFunction(target: object, name: string, inside: (...args: never[]) => unknown): void;
  cover(target: object, name: string, value: unknown): void;
}

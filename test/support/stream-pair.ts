/**
 * Two ends of a line for stream engines: a client's socket and a server's, with acks. What is on its way arrives when the test
 * says so; cutting loses all that is under way, in both directions.
 *
 * To extend: give `Line` another way to lose or hold messages, never the sockets.
 */
type Listener = (...args: any[]) => void;

interface Message {
  arrive(): void;
  readonly frame: any;
}

class End {
  readonly #listeners = new Map<string, Set<Listener>>();

  on(event: string, listener: Listener): this {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
    return this;
  }

  off(event: string, listener: Listener): this {
    this.#listeners.get(event)?.delete(listener);
    return this;
  }

  listeners(): number {
    return [...this.#listeners.values()].reduce((sum, { size }) => sum + size, 0);
  }

  tell(event: string, ...args: unknown[]): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) listener(...args);
  }
}

/** What JSON and attachments keep of a value. */
function copy(value: unknown): unknown {
  return structuredClone(value);
}

export class Line {
  readonly client = new ClientEnd(this);
  /** The server's end of the present connection. */
  server: ServerEnd | undefined;
  readonly servers = new End();
  readonly up: Message[] = [];
  readonly down: Message[] = [];
  /** What the client has sent, and a cut has lost. */
  readonly lost: any[] = [];
  /** Emitted without a connection. */
  readonly waiting: (() => void)[] = [];

  connect(): void {
    this.server = new ServerEnd(this);
    this.servers.tell("connection", this.server);
    for (const emit of this.waiting.splice(0)) emit();
    this.client.tell("connect");
  }

  /** @param isHalf - the server doesn't know of it until `late()` is called */
  cut(isHalf = false): () => void {
    const { server } = this;
    this.server = undefined;
    this.lost.push(...this.up.map(({ frame }) => frame));
    this.up.length = 0;
    this.down.length = 0;
    const late = (): void => server?.tell("disconnect", "transport close");
    if (!isHalf) late();
    this.client.tell("disconnect", "transport close");
    return late;
  }

  /** Lets one message arrive; false when there is none. */
  step(direction: "up" | "down"): boolean {
    const message = this[direction].shift();
    message?.arrive();
    return message !== undefined;
  }
}

class ClientEnd extends End {
  active = true;
  readonly sent: { event: string; frame: any }[] = [];
  readonly #line: Line;

  constructor(line: Line) {
    super();
    this.#line = line;
  }

  get connected(): boolean {
    return this.#line.server !== undefined;
  }

  emit(event: string, frame: unknown, ack?: Listener): this {
    const { server } = this.#line;
    const data = copy(frame);
    this.sent.push({ event, frame: data as any });
    if (!server) {
      this.#line.waiting.push(() => this.emit(event, frame, ack));
      return this;
    }
    const reply = (answer: unknown): void => {
      const back = copy(answer);
      const arrive = (): void => ack?.(back);
      if (this.#line.server === server) this.#line.down.push({ arrive, frame: back });
    };
    this.#line.up.push({ arrive: () => server.tell(event, data, ack && reply), frame: data });
    return this;
  }

  timeout(ms: number): { emit(event: string, frame: unknown, done: Listener): void } {
    return {
      emit: (event, frame, done) => {
        let isDone = false;
        const settle = (error: unknown, answer?: unknown): void => {
          clearTimeout(timer);
          if (!isDone) done(error, answer);
          isDone = true;
        };
        const timer = setTimeout(() => settle(new Error("operation has timed out")), ms);
        timer.unref();
        this.emit(event, frame, (answer: unknown) => settle(null, answer));
      },
    };
  }
}

export class ServerEnd extends End {
  readonly #line: Line;

  constructor(line: Line) {
    super();
    this.#line = line;
  }

  get connected(): boolean {
    return this.#line.server === this;
  }

  emit(event: string, frame: unknown, ack?: Listener): this {
    const line = this.#line;
    const data = copy(frame);
    if (!this.connected) return this;
    const reply = (answer: unknown): void => {
      const back = copy(answer);
      if (this.connected) line.up.push({ arrive: () => ack?.(back), frame: back });
    };
    line.down.push({ arrive: () => line.client.tell(event, data, ack && reply), frame: data });
    return this;
  }
}

/** The app of the model: its rooms, its signals, and what its callbacks do. */
import { setMaxListeners } from "node:events";
import { type Manager, onDrop, openSocket } from "./client-api.js";
import { NEVER, type Reaction, type RoomConfig } from "./program.js";
import { Room, THROWN } from "./room.js";
import type { VirtualTime } from "../../src/test-kit/virtual-time.js";

export const NAMESPACES = ["/", "/mate"];
/** Of rooms with `retries`. */
const ACK_TIMEOUT = 250;
/** Callbacks that call callbacks end some time. */
const MOST_REACTIONS = 60;

export class App {
  readonly rooms: Room[];
  /** Called with each packet that was dropped. */
  readonly drops: ((room: Room) => void)[] = [];
  /** Of connect(): a socket that nobody calls stays as it is. */
  calls = 0;
  /** The manager gave up, and nobody has told it to try again. */
  hasFailed = false;
  /** Callbacks act no more: everything is to settle. */
  isHealing = false;
  /** The program is over: nothing new is begun. */
  isOver = false;
  readonly #signals: AbortSignal[] = [];
  readonly #listening = new Map<AbortSignal, number>();
  /** Since when each room has been one in which nothing can come any more. */
  readonly #dead = new Map<Room, { at: number; calls: number }>();
  readonly #stuck = new Set<string>();
  #reactions = 0;

  constructor(
    readonly world: VirtualTime,
    manager: Manager,
    configs: RoomConfig[],
  ) {
    this.rooms = configs.map(({ mode, buffer, retries }, index) => {
      const socket = openSocket(manager, NAMESPACES[index] as string, {
        mode,
        ...(buffer && { buffer }),
        ...(retries && { retries, ackTimeout: ACK_TIMEOUT }),
      });
      return new Room(this, index, configs[index] as RoomConfig, socket);
    });
    onDrop(
      this.rooms.map(({ socket }) => socket),
      (socket, error, data) => {
        const room = this.rooms.find((one) => one.socket === socket);
        room?.dropped(error, data);
        for (const told of this.drops) if (room) told(room);
      },
    );
    manager.on("reconnect_failed", () => (this.hasFailed = true));
    const revived = (): void => {
      this.hasFailed = false;
      this.calls++;
    };
    manager.on("open", revived);
    manager.on("reconnect_attempt", revived);
    manager.on("state", (state) => {
      if (state === "opening") revived();
    });
  }

  room(nsp: string): Room | undefined {
    return this.rooms.find((room) => room.nsp === nsp);
  }

  /** Listeners that are left on signals. */
  get listening(): number {
    let count = 0;
    for (const signal of this.#signals) count += this.#listening.get(signal) ?? 0;
    return count;
  }

  /** What was still pending although nothing could come any more. */
  get stuck(): string[] {
    return [...this.#stuck];
  }

  /** What a callback of a room does. @param isQuiet - nobody would hear what it throws */
  do(room: Room, reaction: Reaction, isQuiet = false): void {
    if (this.isHealing || ++this.#reactions > MOST_REACTIONS) return;
    switch (reaction) {
      case "emit":
        return room.emit({ do: "emit", count: 1 });
      case "ask":
        return room.emit({ do: "emit", count: 2, ack: "promise" });
      case "connect":
        return room.connect();
      case "disconnect":
        return room.disconnect();
      case "bounce":
        room.disconnect();
        return room.connect();
      case "mate":
        return this.do(this.rooms[1 - room.index] ?? room, "bounce");
      case "flush":
        return room.flush();
      case "clear":
        return room.clear(1);
      case "throw":
        if (!isQuiet) throw new Error(THROWN);
    }
  }

  /** Looks at what is bounded, and at what should have settled by now. */
  watch(): void {
    const { calls, hasFailed } = this;
    const now = this.world.elapsed;
    for (const room of this.rooms) {
      room.measure();
      const since = this.#dead.get(room);
      if (room.socket.active && !hasFailed) this.#dead.delete(room);
      else if (since?.calls !== calls) this.#dead.set(room, { at: now, calls });
      else if (since.at < now)
        for (const { what, at, ended } of room.pending)
          if (ended === undefined && at < now)
            this.#stuck.add(
              `${what} of ${at} was pending at ${now}, when nothing could come any more`,
            );
    }
  }

  signal(ms: number): AbortSignal {
    const controller = new AbortController();
    const { signal } = controller;
    setMaxListeners(0, signal);
    const { addEventListener, removeEventListener } = signal;
    const listeners = new Set<unknown>();
    const count = (): void => {
      this.#listening.set(signal, signal.aborted ? 0 : listeners.size);
    };
    signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      listeners.add(args[1]);
      addEventListener.apply(signal, args);
      count();
    };
    signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
      listeners.delete(args[1]);
      removeEventListener.apply(signal, args);
      count();
    };
    this.#signals.push(signal);
    if (ms !== NEVER)
      this.world.after(ms, () => {
        controller.abort();
        this.#listening.set(signal, 0);
      });
    return signal;
  }
}

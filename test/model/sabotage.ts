/** Faults that are built in, to see that the claims can fail. Each stands for a client or a server that is broken so. */
import type { App } from "./app.js";
import type { Manager } from "./client-api.js";
import type { Network } from "../../src/test-kit/lines.js";
import type { Room } from "./room.js";
import type { ServerFaults } from "./server-app.js";
import type { ModelServer } from "./server.js";
import type { VirtualTime } from "../../src/test-kit/virtual-time.js";

export type Fault =
  /** The server doesn't drop what it has seen. */
  | "keeps duplicates"
  /** Frames vanish without the connection dying. */
  | "loses frames"
  /** Frames overtake each other. */
  | "swaps frames"
  /** Answers go to the packets behind. */
  | "crosses answers"
  /** The server says what nobody can read. */
  | "babbles"
  /** Once in a while a packet goes to a namespace that was left. */
  | "talks to nobody"
  /** The client begins things that it never ends. */
  | "waits for ever"
  /** It also does when nobody could tell it anything any more. */
  | "waits for nothing"
  /** A packet that breaks the connection is never given up. */
  | "insists"
  /** Whatever fails is called too large. */
  | "blames"
  /** Every deadline is late. */
  | "is late"
  /** Nobody is let in any more. */
  | "stays away"
  /** The connection ends for no reason. */
  | "stumbles"
  /** Requests go where they can't be answered. */
  | "goes astray"
  | "keeps a timer"
  | "keeps a subscription"
  | "keeps a listener"
  /** Everything that was received is kept. */
  | "hoards"
  /** The same, until it is closed. */
  | "hoards while open"
  /** The server remembers every packet. */
  | "never forgets"
  /** More waits than may. */
  | "overfills"
  /** Calls throw what a callback threw. */
  | "lets errors out";

/** Where the faults are built in. */
export interface Site {
  world: VirtualTime;
  network: Network;
  server: ModelServer;
  app: App;
  manager: Manager;
  store: object;
}

const ONE_IN = 40;
const TRIES = 15;
const ASTRAY = 900;
const STUMBLE = 1000;
const LAG = 400;
const PLENTY = 20_000;

export class Saboteur {
  readonly ofServer: ServerFaults;
  #ends: () => void = () => {};

  constructor(readonly fault: Fault | undefined) {
    this.ofServer = {
      keepsDuplicates: fault === "keeps duplicates",
      crossesAnswers: fault === "crosses answers",
      babbles: fault === "babbles",
    };
  }

  begin({ world, network, server, app, manager, store }: Site): void {
    const room = app.rooms[0]!;
    const never = { what: "a promise", deadline: undefined, ended: undefined };
    const hear = (text: string): void => {
      for (const session of [...server.sessions.values()])
        session.client.read(text, server.stamp());
    };
    const kept: unknown[] = [];
    switch (this.fault) {
      case "loses frames":
        network.losesOneIn = ONE_IN;
        return;
      case "swaps frames":
        network.swapsOneIn = ONE_IN;
        return;
      case "talks to nobody":
        world.after(ASTRAY, () => hear('2/nobody,["n",0]'));
        return;
      case "waits for ever":
        room.pending.push({ ...never, at: Infinity });
        return;
      case "waits for nothing":
        room.pending.push({ ...never, at: 1 });
        return;
      case "insists":
        return this.#insist(world, room, hear);
      case "blames":
        app.drops.push((of) => of.sent.at(-1)?.reported.push("too-large"));
        return;
      case "is late":
        world.lag = LAG;
        return;
      case "stays away":
        for (const node of server.nodes) node.welcome = (_nsp, decide) => decide({});
        return;
      case "stumbles":
        world.after(STUMBLE, () => {
          for (const session of [...server.sessions.values()]) session.over("transport close");
        });
        return;
      case "goes astray":
        world.after(ASTRAY, () => server.mismatches++);
        return;
      case "keeps a timer":
        this.#ends = () => setTimeout(() => {}, PLENTY);
        return;
      case "keeps a listener":
        app.signal(-1).addEventListener("abort", () => {});
        return;
      case "hoards":
        Object.assign(manager, { kept });
        manager.on("packet", (packet) => kept.push(packet));
        return;
      case "hoards while open":
        Object.assign(manager, { kept });
        manager.on("packet", () => kept.push(...Array(ONE_IN).fill(0)));
        manager.on("close", () => kept.splice(0));
        return;
      case "never forgets":
        Object.assign(store, { kept: Array(PLENTY).fill(0) });
        return;
      case "overfills":
        Object.defineProperty(room.socket, "sendBuffer", { value: Array(PLENTY) });
        room.peakReceived = PLENTY;
        return;
      case "lets errors out":
        room.socket.disconnect = () => {
          throw new Error("a callback's");
        };
    }
  }

  /** What breaks the connection is sent on each new one. */
  #insist(world: VirtualTime, { sent, socket }: Room, hear: (text: string) => void): void {
    const head = socket.nsp === "/" ? "2" : `2${socket.nsp},`;
    for (let i = 1; i <= TRIES; i++)
      world.after(i * ASTRAY, () => {
        for (const { n, how } of sent) if (how.poison) hear(`${head}["n",${n}]`);
      });
  }

  end(): void {
    this.#ends();
  }
}

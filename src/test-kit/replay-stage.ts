import type { ChannelEvent } from "../connection/channel-table.js";
import { exactlyOnce } from "../delivery/exactly-once.js";
import { TautlineError } from "../errors.js";
import type { Manager } from "../manager/manager.js";
import type { NoteEntry, Report } from "../connection/report.js";
import { statesOf, type States } from "../recorder/states-of.js";
import type { Socket } from "../socket/socket.js";
import type { RefusalError } from "./namespace.js";
import type { TestNetwork } from "./network.js";
import type { Server } from "./server.js";
import type { ServerSocket } from "./server-socket.js";

/** A transition of the connection or of a namespace. */
export type ReplayStep = Extract<NoteEntry, { kind: "state" | "channel" }>;
type ConnectionStep = Extract<ReplayStep, { kind: "state" }>;
type ChannelStep = Extract<ReplayStep, { kind: "channel" }>;

const ADDRESS = "http://replay.test";
/** Milliseconds within which a server's heartbeat notices a line that is half open. */
const HEARTBEAT = 45_000;
/** The client's question whether the server knows `exactlyOnce()`. */
const QUESTION = "$tautline";
/** Of the report's options: how its manager was found, and what a page did to it, is over. */
const OTHERS = ["autoConnect", "forceNew", "multiplex", "closeOnBeforeunload", "transports"];
const STILL = ["closed", "open", "failed", "idle", "disconnected", "unauthorized", "connected"];

/** A namespace: its client, and what its server does with it. */
interface Actor {
  readonly socket: Socket;
  /** Settles what the client's `auth` has promised. */
  settleAuth: ((error?: Error) => void) | undefined;
  /** Answers a CONNECT that was not answered in time. */
  release: (() => void) | undefined;
}

/** The client, its server and their network, which can be made to do what a report tells. */
export class ReplayStage {
  readonly manager: Manager;
  private readonly _net: TestNetwork;
  private readonly _report: Report;
  private readonly _states: States;
  private readonly _server: Server;
  private readonly _actors = new Map<string, Actor>();
  private _isOffline = false;
  /** How many steps a namespace has gone since the recording began. */
  private _gone: (nsp: string) => number = () => -1;

  constructor(net: TestNetwork, report: Report) {
    const url = report.server ?? ADDRESS;
    this._net = net;
    this._report = report;
    this._states = statesOf(report);
    this._server = net.server(url);
    const options = optionsOf(report);
    for (const nsp of Object.keys(this._states.channels))
      this._actors.set(nsp, this._actor(url, nsp, options));
    const [first] = this._actors.values();
    this.manager = (first?.socket ?? net.io(url, options)).io as Manager;
  }

  /** Nothing happens by itself now. */
  get isStill(): boolean {
    const { state } = this.manager;
    const states = [...this._actors.values()].map(({ socket }) => socket.state);
    return [state, ...states].every((one) => STILL.includes(one));
  }

  /** So many milliseconds before a step its cause is there. */
  leadOf(step: ReplayStep): number {
    return step.kind === "state" && step.why === "ping timeout" ? HEARTBEAT : 0;
  }

  /** Brings the client to where the recording begins. */
  async prepare(): Promise<void> {
    const { connection, channels } = this._states;
    const { start } = connection;
    if (start === "closed" || start === "failed") return;
    if (start !== "opening" && start !== "open") this._net.kill();
    for (const [nsp, walk] of Object.entries(channels))
      if (!["idle", "disconnected", "unauthorized"].includes(walk.start))
        this._actors.get(nsp)?.socket.connect();
    this.manager.connect();
    if (start === "open") {
      await this._net.until(() => this.manager.state === "open");
      for (const [nsp, walk] of Object.entries(channels))
        if (walk.start === "connected")
          await this._net.until(() => this._actors.get(nsp)?.socket.connected);
    } else if (start !== "opening") {
      await this._net.until(() => this.manager.state === "waiting");
      if (start === "offline") this._offline(true);
    }
  }

  /** The recording has begun. */
  begin(gone: (nsp: string) => number): void {
    this._gone = gone;
  }

  /** The app may have changed `reconnection`, and the report has its last value: a connection that waits after a loss has it. */
  foresee(step: ReplayStep): void {
    const { event } = step;
    if (event === "lost") this.manager.reconnection(true);
    else if (
      event === "exhausted" &&
      step.kind === "state" &&
      this._report.options["reconnection"] === false
    )
      this.manager.reconnection(false);
  }

  /** Lets something happen of which this step comes. What comes by itself is waited for. */
  provoke(step: ReplayStep): void {
    if (step.kind === "state") return this._ofConnection(step);
    const actor = this._actors.get(step.nsp);
    if (actor) this._ofChannel(step, actor);
  }

  private _ofConnection(step: ConnectionStep): void {
    const { manager } = this;
    switch (step.event) {
      case "connect":
        return void manager.connect();
      case "opened":
        return this._letOpen(step);
      case "lost":
      case "exhausted":
        if (step.why === "reconnection") return void manager.reconnection(false);
        return step.old === "opening" ? this._letFail(step) : this._letDie(step);
      case "wake":
        return this._isOffline ? this._offline(false) : tell("online");
      case "networkLost":
        return this._offline(true);
      case "sleep":
        return tell("pagehide", { persisted: true });
      case "disconnect":
        return void manager.disconnect();
    }
  }

  /** Over the transport that the report names: those that failed before it fail again. */
  private _letOpen({ n }: ConnectionStep): void {
    const { _net: net, _report: report } = this;
    const opened = report.entries.find(
      (entry) => entry.n > n && entry.kind === "transport" && entry.what === "opened",
    );
    const { attempts = [] } = opened?.kind === "transport" ? opened : {};
    const fateOf = (name: string): "hang" | "refuse" | false => {
      const failed = attempts.find(({ transport }) => transport === name);
      return !!failed && (failed.code === "timeout" ? "hang" : "refuse");
    };
    if (this._isOffline) this._offline(false);
    net.start();
    net.blockHttp(fateOf("polling"));
    net.blockWebSocket(fateOf("websocket"));
  }

  private _letFail({ why }: ConnectionStep): void {
    if (why === "timeout") this._hang();
    else this._net.kill();
  }

  private _letDie({ why }: ConnectionStep): void {
    // between two polls there is no line that could be cut
    if (why !== "ping timeout") return this._net.kill();
    this._net.halfOpen();
    this._hang();
  }

  /** Nothing new is answered. */
  private _hang(): void {
    this._net.blockHttp("hang");
    this._net.blockWebSocket("hang");
  }

  private _ofChannel({ event, old, nsp }: ChannelStep, actor: Actor): void {
    const { socket } = actor;
    switch (event) {
      case "connect":
        return void socket.connect();
      case "disconnect":
        return void socket.disconnect();
      case "expelled":
        return this._server.of(nsp).disconnectSockets();
      case "toldServer":
        return actor.release?.();
      case "asked":
        return actor.settleAuth?.();
    }
    if (old !== "authorizing") return;
    const isFinal = event === "exhausted";
    actor.settleAuth?.(isFinal ? new TautlineError("unauthorized", "refused") : new Error("auth"));
  }

  /** A CONNECT is answered as it was; one that was not answered is not. */
  private _answer(nsp: string, next: (error?: RefusalError) => void): void {
    const event = this._nextEvent(nsp);
    const refusal = Object.assign(new Error("refused"), { data: { retryable: event === "retry" } });
    if (["accepted", "questioned", "toldServer"].includes(event)) next();
    else if (["refused", "exhausted", "retry"].includes(event)) next(refusal);
    else (this._actors.get(nsp) as Actor).release = next;
  }

  /** What a namespace does next. Before the recording, and after it, it is let in. */
  private _nextEvent(nsp: string): ChannelEvent {
    return this._states.channels[nsp]?.steps[this._gone(nsp)]?.event ?? "accepted";
  }

  private _offline(isOffline: boolean): void {
    this._isOffline = isOffline;
    if (isOffline) this._net.offline();
    else this._net.online();
  }

  /** Only where `auth` is a function does a namespace end as unauthorized. */
  private _hasAuth(nsp: string): boolean {
    return !!this._states.channels[nsp]?.steps.some(({ event }) => event === "exhausted");
  }

  private _actor(url: string, nsp: string, options: object): Actor {
    const { steps = [] } = this._states.channels[nsp] ?? {};
    const asksLate = steps.some(
      ({ event, state }, i) =>
        steps[i - 1]?.state === "authorizing" && event !== "asked" && state !== "pending",
    );
    const auth = asksLate
      ? () =>
          new Promise<object>((resolve, reject) => {
            actor.settleAuth = (error) => (error ? reject(error) : resolve({}));
          })
      : this._hasAuth(nsp) && (() => ({}));
    const isAsked = steps.some(({ event }) => event === "questioned");
    const socket = this._net.io(url + (nsp === "/" ? "" : nsp), {
      ...options,
      ...(auth && { auth }),
      ...(isAsked && { delivery: exactlyOnce() }),
    });
    const actor: Actor = {
      socket: socket as Socket,
      settleAuth: undefined,
      release: undefined,
    };
    const namespace = this._server.of(nsp);
    namespace.use((_socket, next) => this._answer(nsp, next));
    namespace.on("connection", (far: ServerSocket): void => {
      far.on(QUESTION, (_id, answer) => {
        if (this._nextEvent(nsp) !== "refused") (answer as (isKnown: true) => void)(true);
      });
    });
    return actor;
  }
}

function tell(type: string, properties: object = {}): void {
  globalThis.dispatchEvent(Object.assign(new Event(type), properties));
}

function optionsOf({ options }: Report): object {
  const kept = Object.entries(options).filter(([name]) => !OTHERS.includes(name));
  const names = options["transports"];
  const transports = Array.isArray(names)
    ? names.filter((name) => name === "websocket" || name === "polling")
    : [];
  return {
    ...Object.fromEntries(kept),
    ...(transports.length && { transports }),
    autoConnect: false,
  };
}

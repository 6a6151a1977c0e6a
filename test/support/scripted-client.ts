/**
 * A manager over a scripted transport, with fake timers, and a log of its events in their order. What it begins ends
 * with the test. To extend: add the event to `managerEvents` or `socketEvents`, in the form in which a test wants to
 * read it.
 */
import { onTestFinished, vi } from "vitest";
import { Manager, type ManagerOptions, type Socket } from "../../src/index.js";
import {
  type ScriptedClass,
  scriptedTransport,
  type ScriptedTransport,
} from "./scripted-transport.js";

const managerEvents = {
  open: () => "open",
  error: ({ code }: { code: string }) => `error ${code}`,
  close: (reason: string) => `close ${reason}`,
  reconnect_attempt: (attempt: number) => `reconnect_attempt ${attempt}`,
  reconnect_error: ({ code }: { code: string }) => `reconnect_error ${code}`,
  reconnect_failed: () => "reconnect_failed",
  reconnect: (attempt: number) => `reconnect ${attempt}`,
};

const socketEvents = {
  connect: () => "connect",
  connect_error: ({ code }: { code: string }) => `connect_error ${code}`,
  disconnect: (reason: string) => `disconnect ${reason}`,
};

export class ScriptedClient {
  readonly log: string[] = [];
  readonly manager: Manager;

  constructor(
    readonly Scripted: ScriptedClass,
    options: ManagerOptions,
  ) {
    this.manager = new Manager("http://unit.test", {
      transports: [Scripted],
      randomizationFactor: 0,
      ...options,
    });
    for (const [event, tell] of Object.entries(managerEvents))
      this.manager.on(
        event as "open",
        ((first: never) => {
          this.log.push((tell as (first: unknown) => string)(first));
        }) as () => void,
      );
  }

  get transport(): ScriptedTransport {
    return this.Scripted.latest;
  }

  /** How often it has tried to connect. */
  get tries(): number {
    return this.Scripted.opened.length;
  }

  socket(nsp = "/", options = {}): Socket {
    const socket = this.manager.socket(nsp, options) as unknown as Socket;
    for (const [event, tell] of Object.entries(socketEvents))
      socket.on(event, (first: unknown) => {
        this.log.push((tell as (first: unknown) => string)(first));
      });
    return socket;
  }

  /** The server shakes hands. */
  shakeHands(changes: Parameters<ScriptedTransport["shakeHands"]>[0] = {}): this {
    this.transport.shakeHands(changes);
    return this;
  }

  /** The server shakes hands and lets the namespaces in. */
  async enter(...namespaces: string[]): Promise<this> {
    this.shakeHands();
    await settle();
    for (const nsp of namespaces.length ? namespaces : [""])
      this.transport.say(`40${nsp && nsp + ","}{"sid":"of ${nsp || "/"}"}`);
    return this;
  }

  /** The connection attempt, or the connection, fails. */
  async fail(failure: Parameters<ScriptedTransport["fail"]>[0] = {}): Promise<this> {
    this.transport.fail(failure);
    await settle();
    return this;
  }

  /** What was logged since the last time. */
  told(): string[] {
    return this.log.splice(0);
  }
}

/** Everything that is due now has happened. */
export async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

/** Fake timers, no network, until the test ends. */
export function isolate(): void {
  vi.useFakeTimers();
  vi.stubGlobal("fetch", undefined);
  onTestFinished(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
}

export function scriptedClient(
  options: ManagerOptions = {},
  Scripted: ScriptedClass = scriptedTransport(),
): ScriptedClient {
  const client = new ScriptedClient(Scripted, options);
  onTestFinished(() => client.manager._close());
  return client;
}

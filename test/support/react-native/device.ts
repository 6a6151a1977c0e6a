/** A phone: React Native's JavaScript and an app in the Hermes VM, and what stands behind them natively, here. */
import { EventEmitter, once } from "node:events";
import { readFileSync } from "node:fs";
import { Hermes, type Message } from "./hermes.js";
import { nativeBlobs } from "./native-blobs.js";
import { nativeNetworking } from "./native-networking.js";
import { nativeWebSocket } from "./native-websocket.js";

/** A native module: what JavaScript may call, and what ends all that it has begun. */
export interface NativeModule {
  methods: Record<string, (...args: any[]) => unknown>;
  end?(): void;
}

/** A part of what NetInfo's native module tells. */
export interface NetworkState {
  type: string;
  isConnected: boolean;
  isInternetReachable: boolean;
  details?: { ipAddress: string };
}

const prelude = readFileSync(new URL("../../react-native/app/prelude.js", import.meta.url), "utf8");

export class Device {
  /** What the app's console was told, and what crashed it. */
  readonly log: string[] = [];
  /** What NetInfo is told when it asks. */
  network: NetworkState = { type: "wifi", isConnected: true, isInternetReachable: true };
  private readonly _vm: Hermes;
  private readonly _modules: Record<string, NativeModule>;
  private readonly _timers = new Map<number, NodeJS.Timeout>();
  private readonly _results = new Map<number, [(value: any) => void, (error: Error) => void]>();
  private readonly _told = new EventEmitter();
  private readonly _all = new Map<string, unknown[][]>();
  private _lastRun = 0;

  /**
   * @param bundle - the code that Metro made of the app
   * @param before - runs before the bundle: what this device has or lacks
   */
  constructor(bundle: string, before = "") {
    this._vm = new Hermes(
      (message) => this._hear(message),
      (error) => this._fail(error),
    );
    const emit = (event: string, data: unknown): void => this.emit(event, data);
    const blobs = nativeBlobs();
    this._modules = {
      WebSocketModule: nativeWebSocket(emit),
      Networking: nativeNetworking(emit, blobs.keep),
      ...blobs.modules,
      AppState: { methods: { getCurrentAppState: () => ({ app_state: "active" }) } },
      RNCNetInfo: { methods: { getCurrentState: () => this.network } },
    };
    for (const script of [prelude, before, bundle]) this._vm.evaluate(script);
  }

  /** Starts a scenario of app/scenarios.js; its result, or its error. */
  run(scenario: string, ...args: unknown[]): Promise<any> {
    const id = ++this._lastRun;
    return new Promise((resolve, reject) => {
      this._results.set(id, [resolve, reject]);
      this._vm.call("host.run", id, scenario, args);
    });
  }

  /** What a scenario tells next by this name. */
  told(event: string): Promise<any[]> {
    return once(this._told, event);
  }

  /** What scenarios have told by this name so far. */
  all(event: string): unknown[][] {
    return this._all.get(event) ?? [];
  }

  /** An event of the system, for a native module's JavaScript. */
  emit(event: string, ...data: unknown[]): void {
    this._vm.call("host.emit", event, ...data);
  }

  async end(): Promise<void> {
    for (const timer of this._timers.values()) clearTimeout(timer);
    await this._vm.end();
    for (const { end } of Object.values(this._modules)) end?.();
  }

  private _hear([kind, ...rest]: Message): void {
    switch (kind) {
      case "timer": {
        const [id, ms] = rest as [number, number];
        const fire = (): void => {
          this._timers.delete(id);
          this._vm.call("host.fire", id);
        };
        this._timers.set(id, setTimeout(fire, ms));
        return;
      }
      case "clear":
        clearTimeout(this._timers.get(rest[0]));
        this._timers.delete(rest[0]);
        return;
      case "call":
        return this._call(...(rest as [string, string, unknown[], number?]));
      case "event": {
        const [name, ...data] = rest as [string, ...unknown[]];
        this._all.set(name, [...this.all(name), data]);
        this._told.emit(name, ...data);
        return;
      }
      case "result": {
        const [id, value, error] = rest as [number, unknown, string?];
        const [resolve, reject] = this._results.get(id) ?? [];
        this._results.delete(id);
        if (error) reject?.(new Error(`in the app: ${error}`));
        else resolve?.(value);
        return;
      }
      case "log":
        this.log.push(rest[1]);
    }
  }

  private _call(module: string, method: string, args: unknown[], id?: number): void {
    if (module === "ExceptionsManager") return this._fail(new Error(JSON.stringify(args)));
    const settle = (value?: unknown, error?: string): void => {
      if (id !== undefined) this._vm.call("host.settle", id, value ?? null, error);
    };
    try {
      settle(this._modules[module]?.methods[method]?.(...args));
    } catch (error) {
      settle(undefined, String(error));
    }
  }

  private _fail(error: Error): void {
    this.log.push(error.message);
    for (const [, reject] of this._results.values()) reject(error);
    this._results.clear();
  }
}

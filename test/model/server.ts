/** The server of the model: the test kit's, with several processes; see server-client.ts. */
import { EngineServer } from "../../src/test-kit/engine-server.js";
import type { EngineConfig, EngineSession } from "../../src/test-kit/engine-session.js";
import { SessionLog } from "../../src/test-kit/session-log.js";
import type { VirtualTime } from "../../src/test-kit/virtual-time.js";
import { ModelClient, type Offence, type ServerNode } from "./server-client.js";

export interface ServerConfig extends Omit<EngineConfig, "pingInterval" | "pingTimeout"> {
  recovery: boolean;
  /** Lets everybody into every namespace, probes too. */
  catchAll: boolean;
}

const PING = { pingInterval: 700, pingTimeout: 500 };

export class ModelServer extends EngineServer {
  recovery: SessionLog | undefined;
  /** What clients did that no client may do. */
  readonly offences: Offence[] = [];
  #connections = 0;

  /** @param nodes - the processes; a new session goes to the next one */
  constructor(
    world: VirtualTime,
    override readonly config: ServerConfig & EngineConfig,
    public nodes: ServerNode[],
  ) {
    super(world, config);
    this.#forget();
    this.#take(nodes);
  }

  override accept(session: EngineSession, url: string): ModelClient {
    const node = this.nodes[this.#connections++ % this.nodes.length] as ServerNode;
    return new ModelClient(this, session, url, node);
  }

  /** The client is about to read a frame: maybe that the server put it out of a namespace. */
  override told(sid: string | undefined, frame: string): void {
    if (!frame.startsWith("41")) return;
    const nsp = frame.startsWith("41/") ? (frame.slice(2).split(",")[0] as string) : "/";
    const session = this.sessions.get(sid as string);
    (session?.client as ModelClient | undefined)?.toldGoodbye(nsp, this.stamp());
  }

  /** Everything that lives in memory is gone. The caller cuts the lines. */
  restart(keepsRecovery: boolean, nodes: ServerNode[]): void {
    this.crash();
    if (!keepsRecovery) this.#forget();
    this.#take(nodes);
  }

  #forget(): void {
    this.recovery = this.config.recovery
      ? new SessionLog(this.world, Infinity, () => this.nextId())
      : undefined;
  }

  #take(nodes: ServerNode[]): void {
    this.nodes = nodes;
    for (const node of nodes) node.server = this;
  }
}

/** The configuration with the periods of the model. */
export function withPeriods(config: ServerConfig): ServerConfig & EngineConfig {
  return { ...config, ...PING };
}

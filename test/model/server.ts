/** The server of the model: its sessions are those of the test kit; what it does with packets is in server-client.ts. */
import {
  type EngineConfig,
  EngineServer,
  type EngineSession,
} from "../../src/test-kit/engine-server.js";
import { Sessions } from "./recovery.js";
import type { VirtualTime } from "../../src/test-kit/virtual-time.js";
import { type Offence, ServerClient, type ServerNode } from "./server-client.js";

export interface ServerConfig extends Omit<EngineConfig, "pingInterval" | "pingTimeout"> {
  recovery: boolean;
  /** Lets everybody into every namespace, probes too. */
  catchAll: boolean;
}

const PING = { pingInterval: 700, pingTimeout: 500 };

export class ModelServer extends EngineServer {
  recovery = new Sessions();
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
  }

  override accept(session: EngineSession): ServerClient {
    const node = this.nodes[this.#connections++ % this.nodes.length] as ServerNode;
    return new ServerClient(this, session, node);
  }

  /** The client is about to read a frame: maybe that the server put it out of a namespace. */
  override told(sid: string | undefined, frame: string): void {
    if (!frame.startsWith("41")) return;
    const nsp = frame.startsWith("41/") ? (frame.slice(2).split(",")[0] as string) : "/";
    const session = this.sessions.get(sid as string);
    (session?.client as ServerClient | undefined)?.toldGoodbye(nsp, this.stamp());
  }

  /** Everything that lives in memory is gone. The caller cuts the lines. */
  restart(keepsRecovery: boolean, nodes: ServerNode[]): void {
    this.crash();
    if (!keepsRecovery) this.recovery = new Sessions();
    this.nodes = nodes;
  }
}

/** The configuration with the periods of the model. */
export function withPeriods(config: ServerConfig): ServerConfig & EngineConfig {
  return { ...config, ...PING };
}

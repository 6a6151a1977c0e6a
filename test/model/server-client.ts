/** The test kit's server as the model needs it: several processes, and what clients may not do is written down. */
import type { EngineSession } from "../../src/test-kit/engine-session.js";
import { Namespace, type RefusalError } from "../../src/test-kit/namespace.js";
import { Type, type WirePacket } from "../../src/test-kit/packets.js";
import { type Gatekeeper, ServerClient } from "../../src/test-kit/server-client.js";
import type { ServerSocket } from "../../src/test-kit/server-socket.js";
import type { SessionLog } from "../../src/test-kit/session-log.js";
import type { VirtualTime } from "../../src/test-kit/virtual-time.js";
import type { ModelServer } from "./server.js";

const PROBE = "/tautline-probe-";

/** Something for which the server closed the whole connection. */
export interface Offence {
  what: string;
  /** False: the client could not know yet that the server had put it out. */
  isAvoidable: boolean;
}

/** Who wants to enter a namespace, and may be refused, after a while. */
export type Welcome = (nsp: string, decide: (refusal?: object) => void) => void;

/** One process of the server. */
export class ServerNode implements Gatekeeper {
  readonly connectTimeout = 45_000;
  /** Told of each event when it arrives, before anything is done with it; true: the server's end of the line breaks. */
  arrived: (nsp: string, args: unknown[], by: object) => boolean = () => false;
  welcome: Welcome = (_nsp, decide) => decide();
  server: ModelServer | undefined;
  readonly #namespaces = new Map<string, Namespace>();

  constructor(readonly world: VirtualTime) {}

  get recovery(): SessionLog | undefined {
    return this.server?.recovery;
  }

  nextId(): string {
    return (this.server as ModelServer).nextId();
  }

  of(nsp: string): Namespace {
    let namespace = this.#namespaces.get(nsp);
    if (!namespace) {
      this.#namespaces.set(nsp, (namespace = new Namespace(this, nsp)));
      namespace.use((_socket, next) =>
        this.welcome(nsp, (refusal) => next(refusal as RefusalError | undefined)),
      );
    }
    return namespace;
  }

  find(nsp: string, _auth: unknown, found: (namespace: Namespace | undefined) => void): void {
    if (!nsp.startsWith(PROBE)) return found(this.#namespaces.get(nsp));
    // everybody is let in, and nobody is told
    found(this.server?.config.catchAll ? new Namespace(this, nsp) : undefined);
  }
}

export class ModelClient extends ServerClient {
  readonly #server: ModelServer;
  readonly #node: ServerNode;
  /** Namespaces that the client was put out of; when it read of that, if it has. */
  readonly #kicked = new Map<string, number>();

  constructor(server: ModelServer, session: EngineSession, url: string, node: ServerNode) {
    super(node, session, url);
    this.#server = server;
    this.#node = node;
  }

  override send(type: Type, nsp: string, data?: unknown, id?: number): void {
    if (type === Type.DISCONNECT) this.#kicked.set(nsp, Infinity);
    super.send(type, nsp, data, id);
  }

  /** The client has read that it was put out. */
  toldGoodbye(nsp: string, stamp: number): void {
    if (this.#kicked.has(nsp)) this.#kicked.set(nsp, stamp);
  }

  protected override offended(what: string, packet?: WirePacket, stamp = 0): void {
    const isConnect = packet?.type === Type.CONNECT;
    const wasTold = !packet || !(stamp < (this.#kicked.get(packet.nsp) ?? 0));
    this.#server.offences.push({ what, isAvoidable: isConnect || wasTold });
  }

  protected override survives({ type, nsp, data }: WirePacket, socket: ServerSocket): boolean {
    return type !== Type.EVENT || !this.#node.arrived(nsp, (data ?? []) as unknown[], socket);
  }
}

import { randomUUID } from "node:crypto";
import { EventEmitter } from "node:events";
import type { Namespace, Server } from "socket.io";
import {
  ClusterAdapter,
  type ClusterMessage,
  type ClusterResponse,
  type ServerId,
} from "socket.io-adapter";

export interface Message {
  from: string;
  to: string;
  text: string;
}

export interface Person {
  id: string;
  name: string;
  isHere: boolean;
  messages: Message[];
}

/** What all nodes of the cluster share: a database, and the bus between them. */
export class Cluster {
  readonly sessions = new Map<string, { id: string; name: string }>();
  readonly messages: Message[] = [];
  readonly bus = new EventEmitter();

  /** The `adapter` option of a node. */
  get adapter() {
    const { bus } = this;
    return class extends ClusterAdapter {
      constructor(nsp: Namespace) {
        super(nsp);
        // other nodes hear of it later, as they would over a network
        bus.on(nsp.name, (message: ClusterMessage) => setImmediate(() => this.onMessage(message)));
        bus.on(`${nsp.name}#${this.uid}`, (response: ClusterResponse) =>
          setImmediate(() => this.onResponse(response)),
        );
      }

      protected override doPublish(message: ClusterMessage): Promise<string> {
        bus.emit(this.nsp.name, message);
        return Promise.resolve("");
      }

      protected override doPublishResponse(to: ServerId, response: ClusterResponse): Promise<void> {
        bus.emit(`${this.nsp.name}#${to}`, response);
        return Promise.resolve();
      }

      override serverCount(): Promise<number> {
        return Promise.resolve(bus.listenerCount(this.nsp.name));
      }
    };
  }
}

/** One node. */
export function serveMessages(io: Server, { sessions, messages }: Cluster): void {
  io.use((socket, next) => {
    const { session, name } = socket.handshake.auth as { session?: string; name?: string };
    const known = session && sessions.get(session);
    if (known) socket.data = { session, ...known };
    else if (session) return next(new Error("unknown session"));
    else if (!name) return next(new Error("a name is needed"));
    else {
      socket.data = { session: randomUUID(), id: randomUUID(), name };
      sessions.set(socket.data.session, { id: socket.data.id, name });
    }
    next();
  });

  io.on("connection", async (socket) => {
    const { session, id, name } = socket.data as { session: string; id: string; name: string };
    await socket.join(id);
    socket.emit("session", session, id, name);
    const here = new Set((await io.fetchSockets()).map(({ data }) => data.id as string));
    const all = [...sessions.values()].map((person): Person => ({
      ...person,
      isHere: here.has(person.id),
      messages: messages.filter(
        ({ from, to }) => (from === id && to === person.id) || (to === id && from === person.id),
      ),
    }));
    socket.emit("people", all);
    socket.broadcast.emit("here", id, name);
    socket.on("message", (to: string, text: string) => {
      const message = { from: id, to, text };
      messages.push(message);
      socket.to(to).to(id).emit("message", message);
    });
    socket.on("disconnect", async () => {
      const others = await io.in(id).fetchSockets();
      if (!others.length) socket.broadcast.emit("away", id);
    });
  });
}

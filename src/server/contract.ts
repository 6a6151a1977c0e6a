import type { ContractShape } from "../contract/define-events.js";
import { mapOf } from "../contract/validate.js";
import { TautlineError } from "../errors.js";
import { checkEvents } from "./check-events.js";
import { canBeWatched } from "./client-answers.js";
import type { ServerLike } from "./dedupe.js";
import { isFitting, type PacketLike, type ServerSocketLike } from "./gate.js";
import { guardOf, isGated, setGuard } from "./hand-on.js";
import { Warden, type WardenParts } from "./warden.js";

export interface ServerContractOptions {
  /** Events that the contract doesn't name: they are reported and refused, or passed on. @default "report" */
  unknown?: "report" | "pass";
  /** Milliseconds that an async validator has; after that, its value counts as violated. @default 10000 */
  timeout?: number;
  /** Put the value itself into reports: it may be personal. @default false */
  values?: boolean;
  /** Tell clients the messages of errors that the contract doesn't declare. @default false */
  exposeErrors?: boolean;
  /**
   * Told of each violation, an error with the code `contract`, and of what handlers throw and the contract does not declare.
   *
   * @default violations of clients: nobody. All else becomes a warning of the process
   */
  onError?: (error: unknown, socket: unknown) => void;
}

/**
 * Puts the sockets of a server under a contract, the same that the client has: a request is looked at before any `onAny`
 * listener, middleware or handler hears of it, and they get what the schemas made of it. The ack of one that violates the
 * contract gets an error at once. What a handler returns, or resolves with, answers the ack. What it throws becomes an error of
 * the client's `call()` when it is an `EventError` whose code the contract declares, and a nameless one otherwise.
 *
 * The answers of clients to what the server asks are looked at too: acks get what the schemas made of them, or an `EventError`.
 *
 * Call it before `io.on("connection")`, once for a namespace. Works with socket.io 4, and together with `dedupe()` in any order.
 *
 * @param server - a socket.io server (its main namespace), or a namespace
 * @throws TautlineError `invalid-option`; also when the namespace is under another contract
 * @example contract(io, events); io.on("connection", (socket) => socket.on("join", async ({ room }) => count(room)));
 */
export function contract(
  server: ServerLike,
  events: ContractShape,
  options: ServerContractOptions = {},
): void {
  const { unknown, values, exposeErrors, timeout = 10_000, onError } = options;
  const { on, of } = (server ?? {}) as Partial<ServerLike & { of(name: string): object }>;
  if (typeof on !== "function") fail("takes a server or namespace, and events");
  if (!(timeout >= 0)) fail("invalid timeout");
  if (onError && typeof onError !== "function") fail("invalid onError");
  checkEvents(events);
  // for a server, its main namespace is used
  const namespace = typeof of === "function" ? of.call(server, "/") : server;
  const present = contracts.get(namespace);
  if (present === events) return;
  if (present) fail("the namespace is under another contract");
  contracts.set(namespace, events);
  const parts: WardenParts = {
    events,
    incoming: mapOf(events.clientToServer, "req"),
    outgoing: mapOf(events.serverToClient, "req"),
    unknown,
    values,
    exposeErrors,
    timeout,
    onError,
  };
  server.on("connection", (socket: ServerSocketLike) => {
    const warden = new Warden(socket, parts);
    // of a namespace that many are made from, by a pattern
    if (guardOf(socket))
      return warden.tell(
        new TautlineError("invalid-option", "contract(): a second one counts for nothing"),
      );
    // refuse all requests rather than deliver them unchecked
    if (!isFitting(socket) || !canBeWatched(socket)) return warden.refuse();
    setGuard(socket, (event, isReceived) => warden.receive(event, isReceived));
    warden.watchAnswers();
    if (isGated(socket)) return;
    socket.onevent = ({ data, id }: PacketLike) => {
      if (!Array.isArray(data)) return;
      const event = data as unknown[];
      warden.receive(id == null ? event : [...event, socket.ack(id as number)], false);
    };
  });
}

/** By namespace. */
const contracts = new WeakMap<object, ContractShape>();

function fail(what: string): never {
  throw new TautlineError("invalid-option", `contract(): ${what}`);
}

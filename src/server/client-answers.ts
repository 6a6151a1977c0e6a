import type { Ack } from "./answers.js";
import type { PacketLike } from "./gate.js";

/** EVENT and BINARY_EVENT. An ACK has an id too, which the client has given. */
const EVENTS: readonly unknown[] = [2, 5];
/** How many packets pass between two searches for ids whose ack is gone. */
const SWEEP = 256;

interface Outgoing extends PacketLike {
  type?: unknown;
}

/** The part of a socket.io server's socket by which it asks its client. */
export interface AskingSocket {
  readonly acks: Map<unknown, Ack>;
  packet(packet: Outgoing, options?: unknown): void;
  /** Since socket.io 4.5, also for broadcasts, which don't pass `packet()`. */
  notifyOutgoingListeners?(packet: Outgoing): void;
  onack(packet: PacketLike): void;
}

/** False when this socket lacks what is used here without being documented. */
export function canBeWatched(socket: object): boolean {
  const { acks, packet, onack } = socket as Partial<AskingSocket>;
  return typeof packet === "function" && typeof onack === "function" && acks instanceof Map;
}

/**
 * Has the client's answers to events that have a rule pass through `judge`. What it hands on reaches the ack.
 */
export function watchAnswers<Rule>(
  socket: AskingSocket,
  rules: ReadonlyMap<unknown, Rule>,
  judge: (event: unknown, rule: Rule, answer: unknown, done: (answer: unknown) => void) => void,
): void {
  const { acks } = socket;
  /** By id, as the same function may be the ack of several events. */
  const asked = new Map<unknown, unknown>();
  const note = ({ type, id, data }: Outgoing): void => {
    if (id == null || !EVENTS.includes(type) || !Array.isArray(data)) return;
    if (!rules.has(data[0])) return;
    // a timeout removes an ack without an event
    if (asked.size % SWEEP === SWEEP - 1)
      for (const known of asked.keys()) if (!acks.has(known)) asked.delete(known);
    if (acks.has(id)) asked.set(id, data[0]);
  };
  const send = socket.packet.bind(socket);
  const notify = socket.notifyOutgoingListeners?.bind(socket);
  const answered = socket.onack.bind(socket);
  socket.packet = (packet, options) => {
    note(packet);
    send(packet, options);
  };
  if (notify)
    socket.notifyOutgoingListeners = (packet) => {
      note(packet);
      notify(packet);
    };
  socket.onack = (packet) => {
    const { id, data } = packet;
    const event = asked.get(id);
    const rule = rules.get(event);
    asked.delete(id);
    if (!rule) return answered(packet);
    const [answer] = Array.isArray(data) ? (data as unknown[]) : [];
    judge(event, rule, answer, (judged) => answered({ ...packet, data: [judged] }));
  };
}

import type { TautlineError } from "../errors.js";
import type { Table } from "../machine.js";
import { binaryLength, utf8Length } from "../protocol/engine-payload.js";
import type { Encoded } from "../protocol/socket-packet.js";
import type { EmitOptions } from "./emit-options.js";
import type { OutcomeCode } from "./outcomes.js";

/** "returned": waits again after it was sent, and may have arrived. "acked": the server has it. */
export type PacketState = "made" | "waiting" | "sent" | "returned" | "acked" | "ended";

/** How the life of a packet ends. */
export type PacketEnding =
  "answered" | "timedOut" | "aborted" | "expired" | "evicted" | "refused" | "lost";

export type PacketEvent = "kept" | "handedOver" | "takenBack" | "received" | PacketEnding;

/** See docs/states.md. */
export const packetTable: Table<PacketState, PacketEvent> = {
  made: { kept: "waiting", handedOver: "sent", aborted: "ended", refused: "ended" },
  waiting: {
    handedOver: "sent",
    timedOut: "ended",
    aborted: "ended",
    expired: "ended",
    evicted: "ended",
    refused: "ended",
    lost: "ended",
  },
  sent: {
    takenBack: "returned",
    received: "acked",
    answered: "ended",
    timedOut: "ended",
    aborted: "ended",
    refused: "ended",
    lost: "ended",
  },
  returned: {
    handedOver: "sent",
    answered: "ended",
    timedOut: "ended",
    aborted: "ended",
    expired: "ended",
    evicted: "ended",
    refused: "ended",
    lost: "ended",
  },
  acked: { answered: "ended", timedOut: "ended", aborted: "ended", lost: "ended" },
  ended: {},
};

const ENDINGS: { readonly [code in OutcomeCode]: PacketEnding } = {
  disconnected: "lost",
  "ack-timeout": "timedOut",
  aborted: "aborted",
  expired: "expired",
  evicted: "evicted",
  overflow: "refused",
  "too-large": "refused",
  undeliverable: "refused",
  unserializable: "refused",
};

/**
 * An emitted packet that waits, or whose arrival a delivery policy watches. A packet that is sent at once without a policy
 * has no object: what is left of it is its ack.
 */
export interface Packet {
  state: PacketState;
  /** Its Blobs are read while it waits. */
  encoded: Encoded;
  isReading?: boolean;
  /** Bytes on the wire; 0 until somebody has counted them. */
  bytes: number;
  /** Of its ack; undefined when it wants none. */
  readonly id: number | undefined;
  readonly options: EmitOptions;
  /** Milliseconds of the monotonic clock, after which it isn't sent any more. */
  expiresAt?: number;
  /** Undoes what watches a packet without an ack: its deadline, its abort signal. */
  release?: (() => void) | undefined;
  /**
   * Not a packet of the app's, but a place in the order: what to do when its turn comes.
   *
   * @returns false while it holds back what is behind it
   */
  readonly pass?: () => boolean;
  /** Of a place in the order: its turn will not come, because of this error. */
  readonly cancel?: (error: TautlineError) => void;
}

/** Makes the transition that {@link packetTable} lists. False when it lists none. */
export function advance(packet: Packet, event: PacketEvent): boolean {
  const next = packetTable[packet.state][event];
  if (!next) return false;
  packet.state = next;
  if (next === "ended" || (next === "acked" && packet.id === undefined)) release(packet);
  return true;
}

/** Nothing watches the packet any more. */
export function release(packet: Packet): void {
  packet.release?.();
  packet.release = undefined;
}

/** The transition that an outcome is. */
export function endingOf(code: OutcomeCode): PacketEnding {
  return ENDINGS[code];
}

/** Whether an app may emit it again without fear of a repetition. */
export function deliveryOf({ state }: Packet): "not-sent" | "maybe-sent" {
  return state === "made" || state === "waiting" ? "not-sent" : "maybe-sent";
}

/** Bytes that a packet makes on the wire. */
export function encodedBytes(encoded: Encoded): number {
  if (typeof encoded === "string") return utf8Length(encoded);
  let bytes = 0;
  for (const frame of encoded) bytes += frameBytes(frame);
  return bytes;
}

/** True when one of its frames is above `maxPayload` bytes (0: unknown): the server would close the connection. */
export function isTooLarge(encoded: Encoded, maxPayload: number): boolean {
  if (!maxPayload) return false;
  const frames = typeof encoded === "string" ? [encoded] : encoded;
  return frames.some(
    (frame) =>
      // a UTF-16 unit makes at most three bytes: most texts need not be counted
      (typeof frame !== "string" || frame.length * 3 >= maxPayload) &&
      frameBytes(frame) + (typeof frame === "string" ? 1 : 0) > maxPayload,
  );
}

function frameBytes(frame: Exclude<Encoded, string>[number]): number {
  return typeof frame === "string" ? utf8Length(frame) : binaryLength(frame);
}

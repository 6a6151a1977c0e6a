import type { Attempt, ErrorCode, TautlineError } from "../errors.js";
import type { Timers } from "../platform/platform.js";
import type { Decoder } from "../protocol/codec.js";
import type { BinaryData } from "../protocol/engine-packet.js";
import type { Handshake } from "../protocol/handshake.js";
import type { Transport } from "../transports/transport.js";
import type { Connector } from "./connector.js";
import type { TransportRegistry } from "./options.js";

/** What an entry hands in. Each may be missing, and is then not in the bundle. */
export interface EngineParts {
  /** The classes behind the names of the `transports` option. */
  readonly transports?: TransportRegistry;
  /** Remembers what worked. Without it every session tries the transports in the order of the list. */
  readonly memory?: MemoryPart;
  /** Moves sessions to a better transport. Without it they stay where they opened. */
  readonly upgrade?: UpgradePart;
  /** Finds out why nothing could be reached. Without it, the transports' own words count. */
  readonly diagnosis?: DiagnosisPart;
  /** What apps get for binary data. Without it they get ArrayBuffers. */
  readonly binary?: (data: BinaryData, binaryType: string) => BinaryData;
  /** What the codes mean, in a sentence. */
  readonly hints?: Hints;
}

/** What a session is made with. */
export interface SessionSetup {
  parts: EngineParts;
  /** Its own: no other session reads with it. */
  decoder: Decoder;
  timers: Timers;
  /** The outage that the session is to end. */
  outage: Outage;
}

export type Hints = { readonly [code in ErrorCode]?: string };

/** What is remembered of one transport at one place. */
export interface Note {
  worked: boolean;
  /** When, in milliseconds since the epoch. */
  at: number;
  /** How often it failed since it was last proven. */
  fails: number;
}

/** What worked lately, and what did not, at one place. */
export interface Memory {
  /** The note on a transport; undefined when there is none, or an old one. */
  recall(name: string): Note | undefined;
  /**
   * It shook hands, or did not.
   *
   * @param isSlow - it did not fail: it was silent for too long
   */
  note(name: string, worked: boolean, isSlow?: boolean): void;
  /** It carried a connection for long enough to trust it. */
  prove(name: string): void;
  /** Nothing is known of the others. */
  forgetAllBut(name: string): void;
}

export interface MemoryPart {
  /**
   * @param place - origin and path
   * @param isPersistent - keep it in localStorage too, where there is one
   */
  open(place: string, isPersistent: boolean | undefined): Memory;
  /** The network has changed: failures on the old one say nothing about the new one. */
  forgetFailures(): void;
}

/** What an upgrade needs of its session. */
export interface UpgradeHost {
  readonly connector: Connector;
  readonly timers: Timers;
  readonly memory: Memory | undefined;
  readonly hints: Hints | undefined;
  /** The transport of the session, which it may leave. Its sink is the session's. */
  readonly transport: Transport;
  readonly handshake: Handshake;
  /** What failed while the session opened. */
  readonly attempts: readonly Attempt[];
  /** The session is about to end: no other upgrade is tried. */
  isEnding(): boolean;
  /** The probe is answered. */
  answered(next: Transport): void;
  /** The session is carried by another transport now. */
  switched(next: Transport): void;
  /** The session stays where it is, and may write again. */
  stayed(error: TautlineError): void;
}

/** Moves one session. */
export interface SessionUpgrade {
  /** True while nothing may be written to the old transport: the switch waits for its last write. */
  readonly isPausing: boolean;
  /** The probe is answered and the switch is to come: whoever wants to close waits for it. */
  readonly isMoving: boolean;
  /** The session is open. What was refused just now, or died again and again, is tried later. */
  start(): void;
  /** Tries at once, unless a try is under way. */
  now(): void;
  /** A write of the old transport has left. */
  proceed(): void;
  /** The session closes: an upgrade whose probe is not answered is given up. */
  settle(): void;
  /** The session is over. */
  stop(): void;
}

/** Called for sessions whose transport is no stream: there is nothing better than those. */
export type UpgradePart = (host: UpgradeHost) => SessionUpgrade;

/** A better code for a failed connect. */
export interface Finding {
  code: ErrorCode;
  status?: number | undefined;
  /** Milliseconds that the server asks to wait. */
  retryAfter?: number | undefined;
}

/** What was found at one place. */
export interface Knowledge {
  /** Which transports had failed there, and how. */
  symptoms: string;
  finding?: Finding | undefined;
}

/** What is known of an outage, by place. It ends when a session opens: the next one may have another cause. */
export type Outage = Map<string, Knowledge>;

/** Finds out why a session could not be opened. Made when it begins to open, to hear what the page is told meanwhile. */
export interface Diagnosis {
  /**
   * Every transport has failed.
   *
   * @param outage - what is known of it; where the place is in it, no request is made
   */
  investigate(
    attempts: readonly Attempt[],
    signal: AbortSignal,
    outage: Outage,
  ): Promise<Finding | undefined>;
  stop(): void;
}

export type DiagnosisPart = (connector: Connector, timers: Timers) => Diagnosis;

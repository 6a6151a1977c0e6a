/** How one packet is emitted. */
export interface EmitOptions {
  /** Drop it rather than let it wait. */
  readonly volatile?: boolean;
  /** Milliseconds for the ack; the callback becomes error-first. */
  readonly timeout?: number;
  readonly compress?: boolean;
  /** Takes the packet back while it waits, and forgets the ack otherwise. */
  readonly signal?: AbortSignal;
  /** Milliseconds that it may wait. */
  readonly ttl?: number;
  /** Only the newest waiting packet of a key is kept. */
  readonly key?: string;
}

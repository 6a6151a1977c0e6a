/** Where it is remembered which packets have been seen; shared by the nodes of a cluster where there are several. */
export interface DedupeStore {
  /**
   * Takes note of a packet, atomically. Called as packets arrive, not one after another: calls of one process must be
   * carried out in their order, and sooner than a client can reconnect to another process.
   *
   * @param stream - the id of one client socket's packets
   * @param sequence - the packet's number, from 1, always growing but for repetitions; may leave numbers out
   * @returns true when `sequence` is above every number that this stream had before: the packet is new
   */
  advance(stream: string, sequence: number): boolean | Promise<boolean>;
  /** Keeps the answer to an ack, for a repetition of the packet. Optional. */
  saveReply?(stream: string, sequence: number, args: unknown[]): unknown;
  /** The answer that was kept. Optional. */
  reply?(stream: string, sequence: number): unknown[] | undefined | Promise<unknown[] | undefined>;
}

/**
 * A memory of received packets that several nodes share. A store that throws, rejects, never settles or returns
 * something else loses no packet: see `dedupe()`.
 */
export interface DedupeStore {
  /**
   * Takes note of a packet, atomically. Calls may be made, and carried out, in any order; several may be under way.
   *
   * @param stream - the id of one client socket's packets: 1 to 64 characters, chosen by the client
   * @param sequence - the packet's number: a safe integer from 1 on
   * @returns true for the first claim of this number of this stream, false for every other
   */
  claim(stream: string, sequence: number): boolean | Promise<boolean>;
  /** Keeps the answer to an ack, for a packet that comes again at another node. Optional. */
  saveReply?(stream: string, sequence: number, args: unknown[]): unknown;
  /** The answer that was kept. Optional. */
  reply?(stream: string, sequence: number): unknown[] | undefined | Promise<unknown[] | undefined>;
}

/** Connection state recovery: what tells the server where a session was, so that it sends what was missed. */
export class Recovery {
  /**
   * @param pid - the private id of the session
   * @param offset - of the last event
   */
  constructor(
    public pid: string,
    private _offset?: string,
  ) {}

  /** The data of a CONNECT, with what the server asks for. */
  extend(data: unknown): object {
    return { pid: this.pid, offset: this._offset, ...(data as object) };
  }

  /** The server has let us in. True when it still had the session. */
  isContinuedBy(pid: string): boolean {
    const isContinued = pid === this.pid;
    this.pid = pid;
    return isContinued;
  }

  /** An event has been handed to the app; its last argument is its offset. */
  heard(args: unknown[]): void {
    const last = args[args.length - 1];
    if (typeof last === "string") this._offset = last;
  }
}

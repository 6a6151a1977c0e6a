/** Connection state recovery: what tells the server where a session was, so that it sends what was missed. */
export class Recovery {
  /** The private id of the session. */
  private _pid: string;
  /** Of the last event. */
  private _offset: string | undefined;

  constructor(pid: string) {
    this._pid = pid;
  }

  /** The data of a CONNECT, with what the server asks for. */
  extend(data: unknown): object {
    return { pid: this._pid, offset: this._offset, ...(data as object) };
  }

  /** The server has let us in. True when it still had the session. */
  isContinuedBy(pid: string): boolean {
    const isContinued = pid === this._pid;
    this._pid = pid;
    return isContinued;
  }

  /** An event has been handed to the app; its last argument is its offset. */
  heard(args: unknown[]): void {
    const last = args[args.length - 1];
    if (typeof last === "string") this._offset = last;
  }
}

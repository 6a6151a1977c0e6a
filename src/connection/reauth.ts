import type { TautlineError } from "../errors.js";
import type { Cancel, Timers } from "../platform/platform.js";
import type { Pipeline } from "../pipeline/pipeline.js";
import type { Admission } from "./admission.js";
import { refusal } from "./refusals.js";

/** An event for `onReauth()` of `tautline/server`, which answers with what a CONNECT_ERROR holds, or with nothing. */
const REAUTH = "$tautline:reauth";
/** Milliseconds that a server has for its answer. One without the helper gives none. */
const ANSWER_TIMEOUT = 5000;
/** Hands fresh auth data to the server over the open connection. */
export class Reauth {
  /** Ends those that are under way: the next CONNECT brings fresh data. */
  private readonly _ends = new Set<() => void>();

  constructor(
    private readonly _timers: Timers,
    private readonly _admission: Admission,
    private readonly _pipeline: Pipeline,
  ) {}

  /** The connection is lost, or was left. */
  lost(): void {
    for (const end of this._ends) end();
  }

  /** Resolves with whether the server has taken it. Settles when the connection ends, at the latest. */
  begin(): Promise<boolean> {
    return new Promise((resolve, reject) => {
      // what the present step leaves behind
      let stop: Cancel | undefined;
      let timer: Cancel | undefined;
      const settle = (isTaken: boolean, error?: TautlineError): void => {
        this._ends.delete(end);
        timer?.();
        stop?.();
        if (error) reject(error);
        else resolve(isTaken);
      };
      const end = (): void => settle(false);
      const ask = (data: object = {}): void => {
        if (!this._ends.has(end)) return;
        try {
          stop = this._pipeline.ask([REAUTH, data], (answer) => {
            // JSON makes null of nothing
            const isTaken = answer == null;
            settle(isTaken, isTaken ? undefined : refusal(answer, false));
          });
          timer = this._timers.after(ANSWER_TIMEOUT, end);
        } catch (error) {
          settle(false, error as TautlineError);
        }
      };
      this._ends.add(end);
      const leave = this._admission.refresh(ask, (error) => settle(false, error));
      stop ??= leave;
    });
  }
}

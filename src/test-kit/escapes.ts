import { reportError } from "../errors.js";
import type { World } from "./world.js";

/**
 * Errors that callbacks of the app and handlers of servers throw while a network is open. They reject the call that is
 * awaiting the network, or the next one. Hosts report such errors globally, and Node has no `reportError()`.
 */
export class Escapes {
  private _first: { readonly error: unknown } | undefined;
  private readonly _further: unknown[] = [];

  constructor(time: World) {
    time.replace(globalThis, "reportError", (error: unknown) => {
      if (this._first) this._further.push(error);
      else this._first = { error };
    });
  }

  /** @throws the first of them, once */
  check(): void {
    const { _first: first } = this;
    this._first = undefined;
    if (first) throw first.error;
  }

  /** Reports errors that no call got to the host. Call it when the page has its own globals back. */
  end(): void {
    for (const error of this._further.splice(0)) reportError(error);
  }
}

import { TautlineError } from "../errors.js";

/**
 * Data for the server's middleware, sent with CONNECT; or a function that hands it to a callback. A function that takes
 * no callback returns it, or a promise of it.
 */
export type Auth = object | ((done: (data: object) => void) => unknown);

/**
 * Asks for the data of a CONNECT.
 *
 * @param done - called with the data, perhaps more than once: what the app's function does is the app's
 * @param failed - called with what it threw, or rejected with
 */
export function askForAuth(
  auth: Auth,
  done: (data: unknown) => void,
  failed: (cause: unknown) => void,
): void {
  if (typeof auth !== "function") return done(auth);
  try {
    const returned: unknown = (auth as (done: (data: unknown) => void) => unknown)(done);
    // what a function with a callback returns (a timer's id, an emitter) is not meant; but its promise may reject
    if (!auth.length || typeof (returned as Promise<unknown> | undefined)?.then === "function")
      Promise.resolve(returned).then((data) => auth.length || done(data), failed);
  } catch (error) {
    failed(error);
  }
}

/** @throws TautlineError `invalid-option` for what a server could not read as auth data */
export function checkAuth(data: unknown): object | undefined {
  if (data == null) return undefined;
  if (typeof data === "object" && !Array.isArray(data)) return data;
  throw new TautlineError("invalid-option", `auth must be an object, not ${typeof data}`);
}

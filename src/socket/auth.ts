/**
 * Data for the server's middleware, sent with CONNECT; or a function that hands it to a callback, returns it, or
 * returns a promise of it.
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
    // a function that takes a callback may return anything; undefined is then no data
    const isData = (data: unknown): boolean => data !== undefined || !auth.length;
    if (returned != null)
      Promise.resolve(returned).then((data) => isData(data) && done(data), failed);
  } catch (error) {
    failed(error);
  }
}

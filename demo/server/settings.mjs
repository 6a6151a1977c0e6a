/** A reason not to start that the person at the terminal can do something about: printed plainly, without a stack. */
export class StartError extends Error {}

/**
 * Where the demo listens.
 *
 * - `PORT`: the port of the pages, 3000 by default; 0 picks a free one.
 * - `HOST`: the address to listen on, this machine only by default; `HOST=0.0.0.0` lets a phone in.
 *
 * @param {Record<string, string | undefined>} env
 * @returns {{ port: number, host: string }}
 */
export function readSettings(env) {
  const port = Number(env.PORT || 3000);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new StartError(`PORT must be a number from 0 to 65535, and is "${env.PORT}".`);
  }
  return { port, host: env.HOST || "127.0.0.1" };
}

/**
 * By which addresses other devices reach a server that listens on `host`: none, where it listens on this machine only.
 *
 * @param {string} host
 * @param {ReturnType<typeof import("node:os").networkInterfaces>} interfaces
 * @returns {string[]}
 */
export function addressesOf(host, interfaces) {
  const outside = Object.values(interfaces)
    .flat()
    .filter(
      ({ internal, address, family }) =>
        !internal && !(family === "IPv6" && /^fe80/i.test(address)),
    );
  const wanted =
    {
      "0.0.0.0": ({ family }) => family === "IPv4",
      "::": () => true,
    }[host] ?? (({ address }) => address === host);
  return outside
    .filter(wanted)
    .map(({ address, family }) => (family === "IPv6" ? `[${address}]` : address));
}

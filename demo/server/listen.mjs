import { StartError } from "./settings.mjs";

/**
 * Listens, and says plainly when the port is taken.
 *
 * @param {import("node:net").Server} server
 * @returns {Promise<number>} the port, also when 0 was asked for
 */
export async function listen(server, { port, host }) {
  try {
    return await tryListen(server, port, host);
  } catch (error) {
    if (error.code === "EADDRINUSE") {
      throw new StartError(
        `Port ${port} is in use by another program. Choose another one (PORT=${port + 1}), or let the system choose (PORT=0).`,
      );
    }
    if (error.code === "EACCES") {
      throw new StartError(`Port ${port} may not be used by this user. Choose one above 1023.`);
    }
    if (error.code === "EADDRNOTAVAIL" || error.code === "ENOTFOUND") {
      throw new StartError(`HOST is "${host}", which is not an address of this machine.`);
    }
    throw error;
  }
}

function tryListen(server, port, host) {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve(server.address().port);
    });
  });
}

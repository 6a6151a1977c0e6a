import { networkInterfaces } from "node:os";
import { addressesOf, readSettings, StartError } from "./settings.mjs";

/** Milliseconds that an orderly end may take. */
const PATIENCE = 5000;

/**
 * Starts what a command starts, says where it is, and ends it with the command.
 *
 * @param {string} name
 * @param {(settings: { port: number, host: string }) => ReturnType<typeof import("./start.mjs").startDemo>} start
 */
export async function serve(name, start) {
  try {
    const settings = readSettings(process.env);
    const demo = await start(settings);
    console.log(`${name}: ${demo.url}`);
    for (const address of addressesOf(settings.host, networkInterfaces()))
      console.log(`In your network: http://${address}:${demo.port}`);
    console.log(`Socket.IO server behind the switchboard: ${demo.socketUrl}`);
    console.log("Press Ctrl+C to stop.");
    stopOnSignals(demo);
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

/** Ctrl+C ends everything in order; a second one, or something that does not end, ends it all the same. */
function stopOnSignals(demo) {
  let stopping = false;
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.on(signal, async () => {
      if (stopping) process.exit(1);
      stopping = true;
      setTimeout(() => process.exit(1), PATIENCE);
      await demo.close();
      process.exit(0);
    });
  }
}

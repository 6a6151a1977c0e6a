import { spawn } from "node:child_process";
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import net from "node:net";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { StartError } from "../server/settings.mjs";

const GUARD = fileURLToPath(new URL("guard.mjs", import.meta.url));
/** What the cluster needs of the system: programs, which are Debian packages of the same names. */
const PROGRAMS = ["redis-server", "nginx"];
/** A user's PATH need not have the folders of system programs. */
const FOLDERS = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/**
 * Where the programs are.
 *
 * @param {string} searchPath
 * @param {string[]} [more] further folders
 * @returns {Promise<Record<string, string>>}
 * @throws {StartError} that says which package is missing, and how to get it
 */
export async function findPrograms(searchPath, more = FOLDERS) {
  const folders = [...searchPath.split(path.delimiter), ...more];
  const found = {};
  for (const program of PROGRAMS) {
    for (const folder of folders) {
      const file = path.join(folder, program);
      const isThere = await access(file, constants.X_OK).then(
        () => true,
        () => false,
      );
      if (isThere) found[program] ??= file;
    }
  }
  const missing = PROGRAMS.filter((program) => !found[program]);
  if (missing.length > 0) {
    const names = missing.join(" and ");
    throw new StartError(
      `The cluster needs ${names}. On Debian and Ubuntu: sudo apt-get install ${missing.join(" ")}`,
    );
  }
  return found;
}

/**
 * Runs a program until `close()`, or until this process has ended, however it ends. What it says is shown when it ends by
 * itself.
 *
 * @param {string} file
 * @param {string[]} args
 * @param {string} folder its files, which are removed with it
 */
export function run(file, args, folder) {
  const child = spawn(process.execPath, [GUARD, folder, file, ...args], {
    stdio: ["pipe", "pipe", "pipe"],
    // Ctrl+C is for this process, which ends its programs in order.
    detached: true,
  });
  let said = "";
  let isWanted = true;
  const hear = (chunk) => (said = (said + chunk).slice(-2000));
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  const ended = new Promise((resolve) => child.once("close", resolve));
  void ended.then((code) => {
    if (isWanted) console.error(`${path.basename(file)} ended with ${code}.\n${said}`);
  });
  return {
    async close() {
      isWanted = false;
      child.stdin.end();
      await ended;
    },
  };
}

/** A port of this machine that nobody has. */
export async function freePort() {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Waits until something listens there. */
export async function untilOpen(port, tries = 100) {
  for (let left = tries; left > 0; left--) {
    const isOpen = await new Promise((resolve) => {
      const socket = net.connect(port, "127.0.0.1");
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
      socket.once("close", () => socket.destroy());
    });
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new StartError(`Nothing listens at port ${port}.`);
}

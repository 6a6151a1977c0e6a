import { fork } from "node:child_process";
import { fileURLToPath, pathToFileURL } from "node:url";

const ENTRY = fileURLToPath(new URL("./node-case.mjs", import.meta.url));

/** Runs each case in a fresh Node process, in which the sides alternate. */
export class NodeHost {
  name = "node";
  #urls;
  /** The clients that are compared, without raw. */
  clients;

  /**
   * @param files where the sides' modules are: `{ peer, tautline? }`
   * @param others of the same kind, which take part only when they are asked for
   */
  constructor(files, others = {}) {
    const all = Object.entries({ ...files, ...others });
    this.#urls = Object.fromEntries(all.map(([name, file]) => [name, pathToFileURL(file).href]));
    this.clients = Object.keys(files);
  }

  /**
   * @param execArgv flags for the process, for example to write a profile
   * @param only the sides, besides raw, that take part
   */
  run(name, options, { execArgv = [], only = this.clients } = {}) {
    const urls = pick(this.#urls, only);
    return new Promise((resolve, reject) => {
      const child = fork(ENTRY, [], { execArgv: ["--expose-gc", ...execArgv] });
      child.on("message", (message) => {
        if (message.ready) child.send({ name, urls, options });
        else if (message.error) reject(new Error(`case ${name} in Node: ${message.error}`));
        else child.once("exit", () => resolve(message.result));
      });
      child.once("exit", (code) => code && reject(new Error(`case ${name} in Node: exit ${code}`)));
    });
  }

  async close() {}
}

/** Those of `urls` that `only` names, in its order. */
export function pick(urls, only) {
  return Object.fromEntries(only.map((name) => [name, urls[name]]));
}

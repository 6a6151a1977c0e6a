import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

const ENTRY = fileURLToPath(new URL("./node-case.mjs", import.meta.url));

/** Runs each case in a fresh Node process, in which the sides alternate. */
export class NodeHost {
  name = "node";
  #urls;

  /** @param urls where the sides' modules are: `{ peer, tautline? }` as file URLs */
  constructor(urls) {
    this.#urls = urls;
  }

  /** The clients at hand, without raw. */
  get clients() {
    return Object.keys(this.#urls);
  }

  /** @param execArgv flags for the process, for example to write a profile */
  run(name, options, { execArgv = [], only } = {}) {
    const urls = only === undefined ? this.#urls : pick(this.#urls, only);
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

function pick(urls, only) {
  return Object.fromEntries(Object.entries(urls).filter(([name]) => only.includes(name)));
}

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/*
 * The demo as a newcomer starts it: a process of its own, known only by what it prints.
 *
 *   const demo = await startDemo();
 *   await page.goto(`${demo.url}/chat.html`);
 *   await demo.stop();
 */

const folder = fileURLToPath(new URL("../../../demo/", import.meta.url));

export interface Demo {
  readonly url: string;
  /** Turns switches of the switchboard, as the panel does. */
  turn(switches: Record<string, boolean>): Promise<void>;
  /** Turns all of them off. */
  heal(): Promise<void>;
  /** Asks it to stop, and gives its exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** @param script which demo: of one server, or "cluster.mjs" */
export async function startDemo(env: NodeJS.ProcessEnv = {}, script = "server.mjs"): Promise<Demo> {
  const demo = spawnDemo({ PORT: "0", ...env }, script);
  const url = await demo.printedUrl;
  const ask = async (init?: RequestInit) => {
    const response = await fetch(`${url}/switchboard`, init);
    if (!response.ok) throw new Error(`/switchboard: ${await response.text()}`);
    return (await response.json()) as Record<string, boolean>;
  };
  const turn = async (switches: Record<string, boolean>) => {
    await ask({
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(switches),
    });
  };
  return {
    url,
    turn,
    async heal() {
      const on = Object.entries(await ask()).filter(([, isOn]) => isOn);
      if (on.length > 0) await turn(Object.fromEntries(on.map(([name]) => [name, false])));
    },
    stop(signal = "SIGTERM") {
      demo.child.kill(signal);
      return demo.exitCode;
    },
  };
}

/** Runs it to its end, for starts that fail. */
export async function runDemo(env: NodeJS.ProcessEnv) {
  const demo = spawnDemo(env);
  demo.printedUrl.catch(() => undefined);
  const exitCode = await demo.exitCode;
  return { exitCode, output: demo.output() };
}

function spawnDemo(env: NodeJS.ProcessEnv, script = "server.mjs") {
  const child = spawn(process.execPath, [folder + script], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const exitCode = once(child, "close").then(([code]) => code as number | null);
  const printedUrl = new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      // the whole line: it may come in parts
      const url = /^Tautline demo[^:]*: (\S+)\r?\n/m.exec(output)?.[1];
      if (url) resolve(url);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    void exitCode.then((code) => reject(new Error(`the demo ended with ${code}:\n${output}`)));
  });
  endWithThisProcess(child);
  return { child, exitCode, printedUrl, output: () => output };
}

/** A test run that is interrupted must not leave servers behind. */
function endWithThisProcess(child: ChildProcess): void {
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  child.once("close", () => process.off("exit", kill));
}

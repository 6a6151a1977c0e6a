import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { hermesTool } from "../../react-native/metro.mjs";

/** What the virtual machine said: a word, and what belongs to it. */
export type Message = [kind: string, ...rest: any[]];

/**
 * The Hermes VM as a process. Its command line has no I/O but this: it evaluates what comes in, line by line, runs the
 * microtasks after each line, and prints. So the event loop is here, as it is in React Native's C++.
 */
export class Hermes {
  readonly ended: Promise<void>;
  private readonly _process: ChildProcessWithoutNullStreams;

  constructor(heard: (message: Message) => void, failed: (error: Error) => void) {
    const flags = ["-prompt", "", "-prompt2", "", "-Xes6-promise", "-Xmicrotask-queue", "-w"];
    this._process = spawn(hermesTool("hermes"), flags);
    this.ended = new Promise((resolve) => this._process.once("close", () => resolve()));
    this._process.stderr.on("data", (text) => failed(new Error(`Hermes: ${text}`)));
    this._process.on("error", failed);
    // a line may be written after the end
    this._process.stdin.on("error", () => undefined);
    createInterface(this._process.stdout).on("line", (line) => {
      const start = line.indexOf("\u0001");
      if (start >= 0) heard(JSON.parse(line.slice(start + 1)) as Message);
      else if (line.includes("Uncaught")) failed(new Error(`Hermes: ${line}`));
    });
  }

  /** Runs a script, whatever its number of lines. */
  evaluate(script: string): void {
    this._line(`(0, eval)(${literal(script)})`);
  }

  /** Calls a function of the VM, in a turn of its own. */
  call(name: string, ...args: unknown[]): void {
    this._line(`${name}(${args.map(literal).join()})`);
  }

  async end(): Promise<void> {
    this._process.kill("SIGKILL");
    await this.ended;
  }

  private _line(code: string): void {
    this._process.stdin.write(`${code}; 0\n`);
  }
}

/** A value as JavaScript that Hermes reads: JSON, and two characters that ended a line before ES2019. */
function literal(value: unknown): string {
  const json = value === undefined ? "undefined" : JSON.stringify(value);
  return json.replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}

import { quote, TautlineError } from "../errors.js";
import { record, type Recording } from "../recorder/recording.js";
import { type NoteEntry, type Report, REPORT_VERSION } from "../connection/report.js";
import { type States, statesOf } from "../recorder/states-of.js";
import { network, type TestNetwork } from "./network.js";
import { fromFirstCalm } from "./replay-start.js";
import { ReplayStage, type ReplayStep } from "./replay-stage.js";

/** Room for what the client of a replay does. */
const BYTES = 4_000_000;
/** Virtual milliseconds that a step may take: delays between reconnects are shorter. */
const PATIENCE = 600_000;

/** What {@link replay} gives. */
export interface Replayed {
  /**
   * Milliseconds of the recording before it begins: 0, or where the beginning of the report is lost, the first moment at which the
   * connection was open or closed and no namespace was on its way.
   */
  readonly from: number;
  /** Of its client: those of the report, at times of their own. */
  readonly states: States;
  /** Of its network. */
  readonly transcript: string;
}

/**
 * Walks the states of a report of `tautline/recorder` again: a client with the options of the report, on a network that does to it
 * what the report tells. Packets of the app are not sent again: a report has none. A report whose beginning is lost is walked from
 * the first moment at which the connection was open or closed, and no namespace was on its way.
 *
 * @param report - as it was made, or from JSON
 * @returns when it has gone all steps
 * @throws TautlineError `invalid-option` for what is no report, for a report whose beginning is lost and that has no such moment, and
 * while another network is open; `run-failed` when this client goes another way than the one that was recorded: its message says where
 * @example const { transcript } = await replay(JSON.parse(readFileSync("report.json", "utf8")));
 */
export async function replay(report: Report): Promise<Replayed> {
  if ((report as Partial<Report> | undefined)?.version !== REPORT_VERSION)
    throw new TautlineError("invalid-option", `${quote(report)} is no report of this version`);
  const { from, kept } = fromFirstCalm(report);
  const net = network();
  try {
    const stage = new ReplayStage(net, kept);
    await stage.prepare();
    return { from, ...(await new Walker(net, kept, stage, from).walk()) };
  } finally {
    await net.close();
  }
}

class Walker {
  private readonly _net: TestNetwork;
  private readonly _report: Report;
  private readonly _stage: ReplayStage;
  private readonly _recording: Recording;
  /** When the recording began, in the network's time. */
  private readonly _start: number;
  /** What each machine has done, and was not looked at yet. */
  private readonly _ways = new Map<string, ReplayStep[]>();
  /** How many steps of each were looked at. */
  private readonly _done = new Map<string, number>();
  /** How many notes were read. */
  private _count = 0;

  constructor(net: TestNetwork, report: Report, stage: ReplayStage, from: number) {
    this._net = net;
    this._report = report;
    this._stage = stage;
    this._recording = record(stage.manager, { bytes: BYTES });
    this._start = net.now - from;
    stage.begin((nsp) => this._gone(nsp));
  }

  async walk(): Promise<Omit<Replayed, "from">> {
    const wanted = statesOf(this._report);
    for (const entry of this._report.entries) if (isStep(entry)) await this._step(entry);
    const states = statesOf(this._recording.report());
    // what the client has done beyond the end
    states.connection.steps.length = wanted.connection.steps.length;
    for (const [nsp, { steps }] of Object.entries(states.channels))
      steps.length = Math.min(steps.length, wanted.channels[nsp]?.steps.length ?? 0);
    return { states, transcript: this._net.transcript };
  }

  private async _step(step: ReplayStep): Promise<void> {
    this._stage.foresee(step);
    if (!this._next(step)) {
      await this._wait(step);
      if (!this._next(step)) this._stage.provoke(step);
    }
    if (!this._next(step))
      await this._net.until(() => this._next(step), PATIENCE).catch(() => this._differs(step));
    const machine = machineOf(step);
    const done = this._ways.get(machine)?.shift();
    this._done.set(machine, (this._done.get(machine) ?? 0) + 1);
    const isSame = done?.old === step.old && done.event === step.event && done.state === step.state;
    if (!isSame) this._differs(step, done);
  }

  /** Where nothing happens by itself, it happens when it did. */
  private async _wait(step: ReplayStep): Promise<void> {
    const { _net: net } = this;
    const at = this._start + step.at - this._stage.leadOf(step);
    if (this._stage.isStill && at > net.now)
      await net.until(() => net.now >= at || this._next(step), at - net.now + 1).catch(() => {});
  }

  /** What its machine does next, if it has done it. */
  private _next(step: ReplayStep): ReplayStep | undefined {
    this._read();
    return this._ways.get(machineOf(step))?.[0];
  }

  private _gone(nsp: string): number {
    this._read();
    return (this._done.get(nsp) ?? 0) + (this._ways.get(nsp)?.length ?? 0);
  }

  private _read(): void {
    const { notes } = this._recording;
    for (; this._count < notes.length; this._count++) {
      const note = notes[this._count] as NoteEntry;
      if (!isStep(note)) continue;
      const machine = machineOf(note);
      this._ways.set(machine, [...(this._ways.get(machine) ?? []), note]);
    }
  }

  private _differs(step: ReplayStep, done?: ReplayStep): never {
    const how = done ? `this client went ${inWords(done)}` : "this client did not";
    throw new TautlineError(
      "run-failed",
      `after ${step.at} ms, ${machineOf(step) || "the connection"} went ${inWords(step)}, and ${how}`,
      { data: { step, transcript: this._net.transcript } },
    );
  }
}

function isStep(entry: { kind: string }): entry is ReplayStep {
  return entry.kind === "state" || entry.kind === "channel";
}

/** The name of a namespace, or nothing for the connection. */
function machineOf(step: ReplayStep): string {
  return step.kind === "channel" ? step.nsp : "";
}

function inWords({ old, event, state }: ReplayStep): string {
  return `from "${old}" by "${event}" to "${state}"`;
}

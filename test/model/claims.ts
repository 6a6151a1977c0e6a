/** What each delivery mode promises (docs/delivery.md), checked against what happened. */
import { TautlineError } from "../../src/errors.js";
import { type App, codeOf, type Sent } from "./app.js";
import type { Config } from "./program.js";
import type { ServerApp } from "./server-app.js";

export interface History {
  config: Config;
  app: App;
  server: ServerApp;
  /** At the end, with a healthy network. */
  isConnected: boolean;
  /** Of the library, after the end. */
  timers: number;
}

export function brokenClaims(history: History): string[] {
  const { config, app, timers, isConnected } = history;
  const broken = [
    ...ofDelivery(config, app.sent),
    ...app.sent.flatMap(ofSettling),
    ...ofBarriers(app),
    ...ofTheOtherSide(history),
  ];
  if (!isConnected) broken.push("the socket is not connected, although the network is well");
  if (timers) broken.push(`${timers} timers are left`);
  if (app.listening) broken.push(`${app.listening} listeners are left on signals`);
  return broken;
}

function ofDelivery({ mode }: Config, sent: Sent[]): string[] {
  const broken: string[] = [];
  for (const { n, handled, reported } of sent) {
    if (mode !== "at-least-once" && handled.length > 1)
      broken.push(`${n} was handled ${handled.length} times`);
    if (mode !== "at-most-once" && !handled.length && !reported.length)
      broken.push(`${n} was lost, and nobody was told`);
  }
  const handlings = sent
    .flatMap(({ n, reported, handled }) => handled.map((one, i) => ({ n, reported, i, ...one })))
    .sort((a, b) => a.at - b.at);
  // a connection that dies may still deliver while the next one does: what is sent again keeps the order all the same
  const lines = new Map<object, number>();
  let highest = -1;
  for (const { n, reported, i, by } of handlings) {
    const before = lines.get(by) ?? -1;
    if (n <= before) broken.push(`${n} was handled after ${before} on one connection`);
    lines.set(by, n);
    // what was reported is not sent again, and may still be under way
    if (mode === "at-most-once" || reported.length || i > 0) continue;
    if (n < highest) broken.push(`${n} was handled after ${highest}`);
    highest = Math.max(highest, n);
  }
  return broken;
}

function ofSettling({ n, how, settled, received, handled, reported }: Sent): string[] {
  const broken: string[] = [];
  const canFail = how.ack === "timed" || how.ack === "promise";
  const threw = reported.some((what) => what.startsWith("threw"));
  if (canFail && !threw && settled.length !== 1)
    broken.push(`the ack of ${n} was settled ${settled.length} times`);
  if (settled.length > 1) broken.push(`the ack of ${n} was called ${settled.length} times`);
  for (const [error, answer] of settled) {
    if (error === null && (answer !== n || !handled.length))
      broken.push(`${n} was answered with ${String(answer)}, handled ${handled.length} times`);
    if (error === null) continue;
    if (!(error instanceof TautlineError)) broken.push(`${n} failed with ${String(error)}`);
    else if (error.delivery === undefined) broken.push(`${n}: ${error.code} says nothing of it`);
    else if (error.delivery === "not-sent" && received.length)
      broken.push(`${n} failed with ${codeOf(error)} "not-sent", and it was received`);
  }
  if (reported.includes("not-sent") && received.length)
    broken.push(`${n} was reported as "not-sent", and it was received`);
  return broken;
}

function ofBarriers({ flushes }: App): string[] {
  return flushes.flatMap(({ at, outcome, missing }) => {
    if (!outcome) return [`the flush at ${at} was never settled`];
    return missing.length ? [`the flush at ${at} resolved without ${missing.join(", ")}`] : [];
  });
}

/** What the server said. */
function ofTheOtherSide({ app, server }: History): string[] {
  const broken: string[] = [];
  app.heard.forEach((m, i) => {
    const before = app.heard[i - 1] ?? -1;
    if (m <= before) broken.push(`${m} was heard after ${before}`);
  });
  server.answers.forEach((answers, at) => {
    if (answers.length > 1 || (answers.length && answers[0] !== at))
      broken.push(`question ${at} was answered with [${answers.join(", ")}]`);
  });
  // of a session that is recovered again and again nothing is missed before what was heard last
  for (const said of server.said.values()) {
    const heard = said.filter((m) => app.heard.includes(m));
    const last = heard.at(-1);
    const missed = said.filter((m) => last !== undefined && m < last && !heard.includes(m));
    if (missed.length) broken.push(`${missed.join(", ")} of a recovered session were not heard`);
  }
  return broken;
}

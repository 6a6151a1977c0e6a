/** What the client promises (docs/delivery.md), checked against what happened. */
import { TautlineError } from "../../src/errors.js";
import type { App } from "./app.js";
import { isCalm, isSteady, LIMIT, type Program } from "./program.js";
import { codeOf, type Pending, type Room, type Sent } from "./room.js";
import type { ModelServer } from "./server.js";
import type { ServerApp } from "./server-app.js";

export interface History {
  program: Program;
  app: App;
  server: ModelServer;
  serverApp: ServerApp;
  /** Namespaces that were not connected at the end, with a healthy network. */
  absent: string[];
  /** Acks that the server owed them then. */
  unanswered: number;
  /** What is left of the library, after the end. */
  timers: number;
  isSubscribed: boolean;
  /** Things that the manager holds more than at first, open and closed, and things that the server's store holds. */
  weight: { live: number; client: number; server: number };
}

/** A deadline is met so exactly: milliseconds. */
const LATE = 250;
/** One packet costs so many connections at most: it is looked for among those that were under way, half of them at a time. */
const MOST_PUNISHED = 20;
/** What a closed client holds more than a new one, and what the server remembers of each room. */
const CLIENT_WEIGHT = 400;
const SERVER_WEIGHT = 1500;
/** What an open client holds more, and what an ack does that nobody answers. */
const LIVE_WEIGHT = 600;
const ACK_WEIGHT = 15;
/** Events that wait for the answer to a CONNECT. */
const MOST_RECEIVED = 1000;

export function brokenClaims(history: History): string[] {
  const { app, server, serverApp, timers, absent, weight, program } = history;
  // a packet that kills the connection may take along what the server has received and not handled
  const isDeadly = app.rooms.some(({ sent }) => sent.some(({ how }) => how.poison || how.size));
  const broken = app.rooms.flatMap((room, i) => {
    const claims = [
      ...ofDelivery(room, isDeadly),
      ...room.sent.flatMap((sent) => ofSettling(room, sent)),
      ...ofWaiting(room),
      ...ofBounds(room),
      ...ofTheOtherSide(room, serverApp.rooms[i] as ServerApp["rooms"][number]),
      ...room.thrown,
      ...(room.reasons.includes("parse error") ? ["a frame of the server was not understood"] : []),
      ...(isCalm(program) ? ofCalm(room) : []),
    ];
    return claims.map((claim) => (i ? `${room.nsp}: ${claim}` : claim));
  });
  broken.push(...app.stuck);
  for (const { what, isAvoidable } of server.offences)
    if (isAvoidable) broken.push(`the server closed the connection: ${what}`);
  if (isCalm(program) && isSteady(program) && server.mismatches)
    broken.push(`${server.mismatches} avoidable requests got 400`);
  for (const nsp of absent)
    broken.push(`the socket of "${nsp}" is not connected, although the network is well`);
  if (timers) broken.push(`${timers} timers are left`);
  if (history.isSubscribed) broken.push("the signals of the network are still listened to");
  if (app.listening) broken.push(`${app.listening} listeners are left on signals`);
  if (weight.live > LIVE_WEIGHT + ACK_WEIGHT * history.unanswered)
    broken.push(`a client with nothing to do holds ${weight.live} things more than a new one`);
  if (weight.client > CLIENT_WEIGHT)
    broken.push(`a closed client holds ${weight.client} things more than a new one`);
  if (weight.server > SERVER_WEIGHT * app.rooms.length)
    broken.push(`the server remembers ${weight.server} things`);
  return broken;
}

/** Each packet that nobody was told of arrives, as often and in the order that was promised. */
function ofDelivery(room: Room, isDeadly: boolean): string[] {
  const { mode, middleware } = room.config;
  const broken: string[] = [];
  for (const sent of room.sent.slice(0, room.total)) {
    const { n, handled, received, reported, how } = sent;
    if (mode === "exactly-once" || (mode === "at-most-once" && !room.hasRetries))
      if (handled.length > 1) broken.push(`${n} was handled ${handled.length} times`);
    // a server that takes its time, or dies, may forget what it has received when its client leaves
    const isForgetful = middleware || isDeadly;
    const arrived = isForgetful && mode === "at-least-once" ? received : handled;
    // with retries, an emit without an ack may be given up silently, as in the reference
    const isKept = room.hasRetries ? how.ack : mode !== "at-most-once";
    if (isKept && !arrived.length && !reported.length && !how.poison)
      broken.push(`${n} was lost, and nobody was told`);
  }
  return [...broken, ...ofOrder(room)];
}

function ofOrder({ sent, config, hasRetries }: Room): string[] {
  const { mode, middleware } = config;
  // a middleware that takes time holds a packet back on its own connection, while another one goes on
  if (middleware === "reorders" || (middleware && mode === "exactly-once")) return [];
  const broken: string[] = [];
  const isResent = mode !== "at-most-once" || hasRetries;
  const handlings = sent
    // what is emitted while a packet is encoded may go before it
    // with retries, what never waits overtakes what does
    .filter(({ how }) => !how.json && !(how.volatile && hasRetries))
    .flatMap(({ n, reported, handled }) => handled.map((one, i) => ({ n, reported, i, ...one })))
    .sort((a, b) => a.at - b.at);
  // a connection that dies may still deliver while the next one does: what is sent again keeps the order all the same
  const lines = new Map<object, number>();
  let highest = -1;
  for (const { n, reported, i, by } of handlings) {
    const before = lines.get(by) ?? -1;
    if (n < before || (n === before && !hasRetries))
      broken.push(`${n} was handled after ${before} on one connection`);
    lines.set(by, n);
    // what was reported is not sent again, and may still be under way
    if (!isResent || reported.length || i > 0) continue;
    if (n < highest) broken.push(`${n} was handled after ${highest}`);
    highest = Math.max(highest, n);
  }
  return broken;
}

function ofSettling(room: Room, sent: Sent): string[] {
  const { n, how, settled, received, handled, reported, punished, at } = sent;
  const broken: string[] = [];
  const canFail = how.ack === "timed" || how.ack === "promise" || (how.ack && room.hasRetries);
  const threw = reported.some((what) => what.startsWith("threw"));
  if (canFail && !threw && settled.length !== 1)
    broken.push(`the ack of ${n} was settled ${settled.length} times`);
  if (settled.length > 1) broken.push(`the ack of ${n} was called ${settled.length} times`);
  for (const { error, answer, at: end } of settled) {
    const isOnTime =
      how.ack !== "timed" || room.hasRetries || end <= at + (how.timeout ?? 0) + LATE;
    if (!isOnTime) broken.push(`${n} had ${how.timeout} ms, and its ack settled after ${end - at}`);
    if (error === null && (answer !== room.answerOf(n) || !handled.length))
      broken.push(`${n} was answered with ${String(answer)}, handled ${handled.length} times`);
    if (error === null) continue;
    if (!(error instanceof TautlineError)) broken.push(`${n} failed with ${String(error)}`);
    else if (error.delivery === undefined) broken.push(`${n}: ${error.code} says nothing of it`);
    else if (error.delivery === "not-sent" && received.length)
      broken.push(`${n} failed with ${codeOf(error)} "not-sent", and it was received`);
    else if (
      error.code === "ack-timeout" &&
      how.timeout &&
      !room.hasRetries &&
      end < at + how.timeout - 1
    )
      broken.push(`${n} had ${how.timeout} ms, and was given up after ${end - at}`);
  }
  if (reported.includes("not-sent") && received.length)
    broken.push(`${n} was reported as "not-sent", and it was received`);
  if (punished > MOST_PUNISHED) broken.push(`${n} cost ${punished} connections`);
  return [...broken, ...ofSize(sent)];
}

/** What can't pass fails, and nothing else does. */
function ofSize({ n, how, reported }: Sent): string[] {
  const isBlamed = reported.some((what) => what === "too-large" || what === "threw too-large");
  return isBlamed && (how.size ?? 0) < LIMIT ? [`${n} was too large, and was not`] : [];
}

function ofWaiting({ flushes, pending }: Room): string[] {
  return [
    ...flushes.flatMap(({ at, missing }) =>
      missing.length ? [`the flush at ${at} resolved without ${missing.join(", ")}`] : [],
    ),
    ...pending.flatMap(ofPending),
  ];
}

function ofPending({ what, at, deadline, ended }: Pending): string[] {
  if (ended === undefined) return [`${what} at ${at} was never settled`];
  const isLate = deadline !== undefined && ended > deadline + LATE;
  return isLate ? [`${what} at ${at} settled ${ended - deadline} ms too late`] : [];
}

function ofBounds({ peak, peakReceived, config }: Room): string[] {
  const broken: string[] = [];
  // what was sent and comes back stands beside what waits
  const most = 2 * (config.buffer?.maxPackets ?? Infinity);
  if (peak > most) broken.push(`${peak} packets waited, where ${most} may`);
  if (peakReceived > MOST_RECEIVED) broken.push(`${peakReceived} events waited to be heard`);
  return broken;
}

/** Where nothing goes wrong, everything arrives and nobody hears of anything. */
function ofCalm({ sent, reasons, config, total }: Room): string[] {
  const broken: string[] = [];
  for (const { n, handled, received, reported, how } of sent.slice(0, total))
    if (!(config.middleware ? received : handled).length && !reported.length && !how.key)
      broken.push(`${n} was lost, and nothing was wrong`);
  for (const reason of reasons)
    if (reason !== "io client disconnect") broken.push(`"${reason}", and nothing was wrong`);
  return broken;
}

/** What the server said. */
function ofTheOtherSide({ heard }: Room, server: ServerApp["rooms"][number]): string[] {
  const broken: string[] = [];
  heard.forEach((m, i) => {
    const before = heard[i - 1] ?? -1;
    if (m <= before) broken.push(`${m} was heard after ${before}`);
  });
  server.answers.forEach((answers, at) => {
    if (answers.length > 1 || (answers.length && answers[0] !== at))
      broken.push(`question ${at} was answered with [${answers.join(", ")}]`);
  });
  // of a session that is recovered again and again nothing is missed before what was heard last
  for (const said of server.said.values()) {
    const isHeard = new Set(heard);
    const last = said.filter((m) => isHeard.has(m)).at(-1);
    const missed = said.filter((m) => last !== undefined && m < last && !isHeard.has(m));
    if (missed.length) broken.push(`${missed.join(", ")} of a recovered session were not heard`);
  }
  return broken;
}

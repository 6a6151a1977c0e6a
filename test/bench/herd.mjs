import { fileURLToPath } from "node:url";
import Backo from "backo2";
import { build } from "esbuild";
import { linePanels } from "./lib/chart.mjs";

const CLIENTS = 10_000;
const SLICE_MS = 100;
const MIN_UPTIME_MS = 5000;
const DEFAULTS = { min: 1000, max: 5000, jitter: 0.5 };

/**
 * What a fleet does when its one server goes away at 0 and is back at `backAt`. `capacity` is how many
 * connections it accepts each 100 ms (it refuses the others); `diesAfter` has it die again so many
 * milliseconds after it came back, `deaths` times.
 */
const SCENARIOS = [
  { name: "restart: back after 2 s", backAt: 2000 },
  { name: "outage: back after 30 s", backAt: 30_000 },
  { name: "outage of 30 s, then 150 connects each 100 ms", backAt: 30_000, capacity: 150 },
  {
    name: "crash loop: dies 1 s after each start, 8 times",
    backAt: 2000,
    diesAfter: 1000,
    deaths: 8,
  },
];

/** Simulates all scenarios for both, from one seed: `[{ scenario, sides: { [side]: outcome } }]`. */
export async function simulateHerds(seed = 1) {
  const schedules = { peer: peerSchedule, tautline: await tautlineSchedule() };
  const realRandom = Math.random;
  try {
    return SCENARIOS.map((scenario) => ({
      scenario: scenario.name,
      sides: Object.fromEntries(
        Object.entries(schedules).map(([side, createSchedule]) => {
          // Both schedules draw from Math.random, so this is what makes a run repeatable.
          Math.random = seeded(seed);
          return [side, simulate(scenario, createSchedule)];
        }),
      ),
    }));
  } finally {
    Math.random = realRandom;
  }
}

/** backo2 with its own jitter, started again by every connection: as the reference client does. */
function peerSchedule() {
  const backoff = new Backo(DEFAULTS);
  return { next: () => backoff.duration(), lost: () => backoff.reset() };
}

/** src/backoff.ts, started again only by a connection that lasted. */
async function tautlineSchedule() {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("../../src/backoff.ts", import.meta.url))],
    bundle: true,
    format: "esm",
    platform: "node",
    write: false,
  });
  const { backoffDelay } = await import(
    `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`
  );
  return () => {
    let attempts = 0;
    return {
      next: () => backoffDelay(attempts++, DEFAULTS),
      lost: (uptime) => {
        if (uptime >= MIN_UPTIME_MS) attempts = 0;
      },
    };
  };
}

/** One fleet, millisecond by millisecond, until all are back for good. */
function simulate({ backAt, capacity = Infinity, diesAfter, deaths = 0 }, createSchedule) {
  const agenda = [];
  const schedules = Array.from({ length: CLIENTS }, createSchedule);
  const plan = (client, at) => (agenda[at] ??= []).push(client);
  for (let client = 0; client < CLIENTS; client++) {
    schedules[client].lost(Infinity);
    plan(client, schedules[client].next());
  }
  const attempts = [];
  const connectedAt = new Map();
  let [up, upSince, deathsLeft, accepted] = [false, backAt, deaths, 0];
  let ninetyNine;
  for (let now = 0; connectedAt.size < CLIENTS || deathsLeft > 0; now++) {
    if (now % SLICE_MS === 0) accepted = 0;
    if (now === upSince) up = true;
    if (up && deathsLeft > 0 && now === upSince + diesAfter) {
      // It comes back as long after its death as it took the first time.
      [up, upSince, deathsLeft] = [false, now + backAt, deathsLeft - 1];
      for (const [client, since] of connectedAt) {
        schedules[client].lost(now - since);
        plan(client, now + schedules[client].next());
      }
      connectedAt.clear();
    }
    for (const client of agenda[now] ?? []) {
      const slice = Math.floor(now / SLICE_MS);
      attempts[slice] = (attempts[slice] ?? 0) + 1;
      if (up && accepted < capacity) {
        accepted++;
        connectedAt.set(client, now);
      } else {
        plan(client, now + Math.max(1, schedules[client].next()));
      }
    }
    delete agenda[now];
    if (ninetyNine === undefined && deathsLeft === 0 && connectedAt.size >= 0.99 * CLIENTS) {
      ninetyNine = now;
    }
  }
  const curve = Array.from(attempts, (count) => count ?? 0);
  const finallyBack = upSince;
  return {
    attempts: curve.reduce((sum, count) => sum + count, 0),
    peak: Math.max(...curve),
    peakOnceBack: Math.max(...curve.slice(Math.floor(finallyBack / SLICE_MS))),
    ninetyNineAfter: ninetyNine - finallyBack,
    curve,
  };
}

/** mulberry32: small, and good enough for jitter. */
function seeded(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export function herdChart(herds) {
  return linePanels({
    title: `${CLIENTS.toLocaleString("en")} clients lose one server: connects in each 100 ms`,
    panels: herds.map(({ scenario, sides }) => ({
      title: scenario,
      xLabel: "seconds after the loss",
      yLabel: "connects in 100 ms",
      series: ["peer", "tautline"].map((side) => ({
        side,
        points: sides[side].curve.map((count, slice) => [slice / 10, count]),
      })),
    })),
  });
}

export function herdTable(herds) {
  const cells = (sides, read) => `${read(sides.tautline)} (${read(sides.peer)})`;
  const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(1)} s`;
  return [
    "| Tautline (socket.io-client) | peak in 100 ms | peak once it is back | 99 % are back after | attempts in all |",
    "|--|--:|--:|--:|--:|",
    ...herds.map(
      ({ scenario, sides }) =>
        `| ${scenario} | ${cells(sides, ({ peak }) => peak)} | ${cells(sides, ({ peakOnceBack }) => peakOnceBack)} | ${cells(sides, ({ ninetyNineAfter }) => seconds(ninetyNineAfter))} | ${cells(sides, ({ attempts }) => attempts.toLocaleString("en"))} |`,
    ),
  ].join("\n");
}

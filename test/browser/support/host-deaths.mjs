/**
 * Tabs that share a connection, all of which send numbers all the time, while whichever of them holds the connection dies
 * again and again.
 *
 *   const { records, totals } = await runDeaths({ site, browser, deaths: 12, seed: 1, delivery: "exactlyOnce" });
 *
 * A page that is loaded is a life with a name of its own. Of lives that go on to the end, every number must have come. Of a
 * life that died nobody knows how many it has sent, so there must be no hole in what came.
 *
 * To extend: another kind of death is another entry of `kinds`.
 */
import { once } from "node:events";
import { seeded } from "../../support/seeded.mjs";

const PATIENCE = 60_000;
const STALL = 6000;

/** `prepare` takes its time before; `strike` makes the host die; `restore` gives what is to take its place, once the others are well again. */
const kinds = {
  close: { strike: (host) => host.tab.close(), restore: (crew) => crew.open() },
  navigate: {
    strike: (host, crew) => host.tab.goto(`${crew.site.url}/other`),
    restore: (crew, host) => crew.load(host.tab),
  },
  reload: {
    strike: (host) => host.tab.reload(),
    restore: (crew, host) => crew.start(host.tab),
  },
  crash: {
    strike: (host) => host.tab.crash(),
    async restore(crew, host) {
      await host.tab.close();
      return crew.open();
    },
  },
  kill: {
    prepare: (host) => host.tab.findProcess(),
    strike: (host) => host.tab.kill(),
    async restore(crew, host) {
      await host.tab.close();
      return crew.open();
    },
  },
  freeze: {
    strike: (host) => host.tab.freeze(),
    async restore(_crew, host) {
      await host.tab.resume();
      return host;
    },
  },
  stall: {
    strike: (host) => host.tab.stall(STALL),
    async restore(_crew, host) {
      await host.tab.until("true");
      return host;
    },
  },
};

export const allKinds = Object.keys(kinds);

/** Each of the kinds equally often, in an order that the seed gives. */
function deal(names, count, random) {
  const deck = [];
  while (deck.length < count) {
    const round = [...names];
    while (round.length) deck.push(...round.splice(Math.floor(random() * round.length), 1));
  }
  return deck.slice(0, count);
}

/** Asks again and again: for what says nothing by itself. */
async function eventually(what, ask) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`not within ${PATIENCE} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

class Crew {
  members = [];
  #count = 0;

  constructor({ site, browser, size, options }) {
    Object.assign(this, { site, browser, size, options });
  }

  async open() {
    return this.start(await this.browser.newTab(this.site.url));
  }

  async load(tab) {
    await tab.goto(this.site.url);
    return this.start(tab);
  }

  async start(tab) {
    const life = `life ${++this.#count}`;
    await tab.until("globalThis.live");
    await tab.evaluate(`live.start(${JSON.stringify({ ...this.options, life })})`);
    return { tab, life };
  }

  /**
   * All of them know of each other and hear the server, one is the host, and the server has one connection. A hidden host
   * hands over to a visible tab: until it has done that, it is not settled who the host is.
   */
  async settle() {
    const { downs } = this.site;
    return eventually("one host, one connection, and the server is heard", async () => {
      const all = await this.summaries();
      this.lastSeen = { all, lines: [...this.site.lines], downs };
      const isHost = (_, index) => all[index].role === "host";
      const hosts = this.members.filter(isHost);
      const isShown = !all.some(({ isVisible }) => isVisible) || all.find(isHost)?.isVisible;
      const isWell = all.every(
        ({ connected, tabs, downs: { last } }) => connected && tabs === this.size && last > downs,
      );
      return isWell && isShown && hosts.length === 1 && this.site.lines.size === 1
        ? hosts[0]
        : undefined;
    }).catch((error) => {
      throw new Error(`${error.message}\n${JSON.stringify(this.lastSeen, null, 1)}`);
    });
  }

  /** What the server and the tabs have noted since then: to find out why something was missed. */
  async notes(since) {
    const all = this.site.log.map((entry) => ["server", ...entry]);
    for (const { tab, life } of this.members)
      for (const entry of JSON.parse(await tab.evaluate("JSON.stringify(live.log)")))
        all.push([life, ...entry]);
    const isRecent = ([, at]) => at >= since - 500;
    return all
      .filter(isRecent)
      .sort(([, one], [, other]) => one - other)
      .map((entry) => JSON.stringify(entry));
  }

  async summaries(members = this.members) {
    const all = await Promise.all(
      members.map(({ tab }) => tab.evaluate("JSON.stringify(live.summary())")),
    );
    return all.map((text) => JSON.parse(text));
  }
}

/**
 * @param options.kinds those that the browser can do
 * @param options.hides whether half of the deaths come while all tabs are hidden
 */
export async function runDeaths({
  site,
  browser,
  size = 5,
  deaths,
  seed = 1,
  delivery,
  rate = 50,
  kinds: names = allKinds,
  hides = false,
  onRecord = () => {},
}) {
  const random = seeded(seed);
  const options = { mode: "shared", key: `deaths ${seed} ${delivery}`, delivery, rate };
  const crew = new Crew({ site, browser, size, options });
  const front = hides ? await browser.newTab(`${site.url}/other`) : undefined;
  const records = [];
  for (let n = 0; n < size; n++) crew.members.push(await crew.open());
  for (const kind of deal(names, deaths, random)) {
    const isHidden = hides && random() < 0.5;
    const shown = isHidden ? front : crew.members[Math.floor(random() * size)].tab;
    if (hides) await shown.front();
    try {
      const record = { kind, isHidden, ...(await die(crew, kind)) };
      records.push(record);
      onRecord(record);
    } catch (cause) {
      const place = `death ${records.length}, ${kind}${isHidden ? " while hidden" : ""}, seed ${seed}`;
      throw new Error(`${place}: ${cause.message}`, { cause });
    }
  }
  return { records, totals: await finish(crew) };
}

async function die(crew, kind) {
  const { members, site } = crew;
  const host = await crew.settle();
  const survivors = members.filter((one) => one !== host);
  const missed = await missedBy(crew, survivors);
  const recovered = site.recovered;
  const old = site.count;
  await kinds[kind].prepare?.(host);
  const at = Date.now();
  const lineEnd = lineEnded(site, at);
  const answered = newlyAnswered(site, old, survivors);
  const struck = kinds[kind].strike(host, crew);
  try {
    await answered;
  } catch (cause) {
    const state = JSON.stringify(await crew.summaries(survivors), null, 1);
    throw new Error(`nothing came over a new connection\n${state}`, { cause });
  }
  await struck;
  const back = (await firstAnswer(survivors, old)) - at;
  lineEnd.stop();
  const isRecovered = site.recovered > recovered;
  members[members.indexOf(host)] = await kinds[kind].restore(crew, host);
  await crew.settle();
  const downsMissed = (await missedBy(crew, survivors)) - missed;
  return {
    back,
    lineEnd: lineEnd.ms,
    isRecovered,
    downsMissed,
    lines: site.count - old,
    ...(downsMissed && { notes: await crew.notes(at) }),
  };
}

/** How many events of the server's have not come to these. */
async function missedBy(crew, members) {
  const all = await crew.summaries(members);
  return all.reduce((sum, { downs }) => sum + downs.missing, 0);
}

/** When the server heard of the end of a connection, if it does. */
function lineEnded(site, at) {
  const ended = { ms: undefined, stop: () => site.off("lineEnd", listener) };
  const listener = () => (ended.ms ??= Date.now() - at);
  site.on("lineEnd", listener);
  return ended;
}

/** A packet of a tab that lives comes over a connection that is new. */
async function newlyAnswered(site, old, survivors) {
  const lives = new Set(survivors.map(({ life }) => life));
  const signal = AbortSignal.timeout(PATIENCE);
  for (;;) {
    const [line, life] = await once(site, "up", { signal });
    if (line > old && lives.has(life)) return;
  }
}

async function firstAnswer(survivors, old) {
  const asked = survivors.map(async ({ tab }) => {
    await tab.until(`Object.keys(live.firstAnswers).some((line) => line > ${old})`);
    const found = `Object.entries(live.firstAnswers).find(([line]) => line > ${old})[1]`;
    return Number(await tab.evaluate(found));
  });
  return Math.min(...(await Promise.all(asked)));
}

async function finish(crew) {
  const { members, site } = crew;
  await crew.settle();
  for (const { tab } of members) await tab.evaluate("live.stop()");
  for (const { tab } of members) await tab.until("live.sent === live.answered");
  const summaries = await crew.summaries();
  const sent = new Map(summaries.map((one) => [one.life, one.sent]));
  const sum = (name) => summaries.reduce((all, { downs }) => all + downs[name], 0);
  const totals = {
    received: 0,
    lost: 0,
    doubled: 0,
    disordered: 0,
    broken: site.broken.length,
    downs: { missing: sum("missing"), doubled: sum("doubled"), disordered: sum("disordered") },
    errors: summaries.flatMap(({ errors }) => errors),
  };
  for (const [life, tally] of site.lives) {
    totals.received += tally.next;
    totals.lost += tally.missing(sent.get(life));
    totals.doubled += tally.doubled;
    totals.disordered += tally.disordered;
  }
  for (const { tab } of members) await tab.close();
  site.lives.clear();
  return totals;
}

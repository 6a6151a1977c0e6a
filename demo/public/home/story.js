const SECOND = 1000;
/** Milliseconds after which the page knows that messages do not arrive, and which of them are lost: see tally.js. */
const NOTICED = 2.5 * SECOND;
export const ALL_OFF = {
  websocketBlocked: false,
  websocketHangs: false,
  slow: false,
  silent: false,
  cut: false,
};

/** What people meet, in the order in which it is shown: `home.scenes.<id>` is what happens. */
export const SCENES = ["wake", "tunnel", "silent", "restart"];

/**
 * The demonstration: what the page's button does to the network, scene by scene.
 *
 * @param {object} means
 * @param {(changes: Record<string, boolean>) => Promise<void>} means.turn
 * @param {() => Promise<void>} means.restart of the server
 * @param {() => Promise<void>} means.strand open connections die, and nobody is told
 * @param {(event: "wake" | "offline" | "online") => void} means.signal what a browser tells a page then
 * @param {(id: string) => void} means.begin a scene
 * @param {(id: string) => void} means.end of it, when both clients' messages arrive again
 * @param {() => boolean} means.areWell whether they do
 * @param {(ms: number) => Promise<void>} [means.wait]
 */
export async function tellStory({
  turn,
  restart,
  strand,
  signal,
  begin,
  end,
  areWell,
  wait = sleep,
}) {
  const scenes = {
    async wake() {
      await strand();
      signal("wake");
    },
    async tunnel() {
      await turn({ cut: true });
      signal("offline");
      await wait(10 * SECOND);
      await turn(ALL_OFF);
      signal("online");
    },
    async silent() {
      await turn({ silent: true });
      await wait(12 * SECOND);
      await turn(ALL_OFF);
    },
    restart,
  };
  await turn(ALL_OFF);
  await wait(2 * SECOND);
  for (const id of SCENES) {
    begin(id);
    await scenes[id]();
    await wait(NOTICED);
    for (let waited = 0; waited < 25 && !areWell(); waited++) await wait(SECOND);
    await wait(NOTICED);
    end(id);
  }
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

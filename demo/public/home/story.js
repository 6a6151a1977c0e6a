const SECOND = 1000;
/** Milliseconds that a scene has at least, so that one sees it. */
const SEEN = 2.5 * SECOND;
/** Seconds that are waited for clients: they may have given up. */
const PATIENCE = 30;
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
 * @param {(id: string) => void} means.end of it
 * @param {() => boolean} means.areReady whether both clients can be shown
 * @param {() => () => boolean} means.watch called when what a scene does is done. What it gives tells whether both clients'
 *   messages arrive again, and what became of those before
 * @param {(ms: number) => Promise<void>} [means.wait]
 */
export async function tellStory({
  turn,
  restart,
  strand,
  signal,
  begin,
  end,
  areReady,
  watch,
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
  const until = async (isSo) => {
    for (let waited = 0; waited < PATIENCE && !isSo(); waited++) await wait(SECOND);
  };
  await turn(ALL_OFF);
  await wait(2 * SECOND);
  await until(areReady);
  for (const id of SCENES) {
    begin(id);
    await scenes[id]();
    const isOver = watch();
    await wait(SEEN);
    await until(isOver);
    end(id);
  }
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

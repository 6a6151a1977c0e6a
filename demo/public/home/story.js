const SECOND = 1000;

/**
 * The demonstration: what the page's button does to the network, step by step. `say` shows the text `home.story.<step>`.
 *
 * @param {object} means
 * @param {(changes: Record<string, boolean>) => Promise<void>} means.turn
 * @param {() => Promise<void>} means.restart of the server
 * @param {(step: string) => void} means.say
 * @param {() => boolean} means.areBack whether both are connected
 * @param {(ms: number) => Promise<void>} [means.wait]
 */
export async function tellStory({ turn, restart, say, areBack, wait = sleep }) {
  const untilBack = async () => {
    say("back");
    for (let waited = 0; waited < 15 && !areBack(); waited++) await wait(SECOND);
    await wait(3 * SECOND);
  };
  const off = {
    websocketBlocked: false,
    websocketHangs: false,
    slow: false,
    silent: false,
    cut: false,
  };

  await turn(off);
  say("calm");
  await wait(3 * SECOND);

  say("silent");
  await turn({ silent: true });
  await wait(12 * SECOND);
  await turn(off);
  await untilBack();

  say("cut");
  await turn({ cut: true });
  await wait(4 * SECOND);
  await turn(off);
  await untilBack();

  say("restart");
  await restart();
  await untilBack();
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/* What surrounds each example: the switches, "Source", and its texts. */
import { announcer } from "../parts/announce.js";
import { readConfig } from "../parts/connect.js";
import { mountSource } from "../parts/source.js";
import { mountSwitchboard } from "../parts/switchboard.js";
import { t } from "../parts/texts.js";

/**
 * @returns {Promise<{
 *   url: string, // of the Socket.IO server
 *   show(...nodes: Node[]): void, // puts the example into the page
 *   text(key: string, values?: object): string, // of `examples.<id>`
 *   announce(text: string): void, // to those who listen to the page
 *   cut(seconds: number): Promise<void>, // cuts the network for so long
 * }>}
 */
export async function openExample() {
  const id = document.body.dataset.example;
  const { socketUrl } = await readConfig();
  const { turn } = mountSwitchboard(document.getElementById("switches"));
  mountSource(id);
  return {
    url: socketUrl,
    show: (...nodes) => document.getElementById("example").replaceChildren(...nodes),
    text: (key, values) => t(`examples.${id}.${key}`, values),
    announce: announcer(document.getElementById("announce")),
    async cut(seconds) {
      // nobody is left with a broken network by a page that has gone meanwhile
      const mend = () => turn({ cut: false });
      addEventListener("pagehide", mend);
      await turn({ cut: true });
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      await mend();
      removeEventListener("pagehide", mend);
    },
  };
}

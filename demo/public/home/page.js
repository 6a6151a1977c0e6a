import { setAvailable } from "../parts/available.js";
import { readConfig } from "../parts/connect.js";
import { keepEnterOfComposition, seconds, setText } from "../parts/dom.js";
import { mountSwitchboard } from "../parts/switchboard.js";
import { t } from "../parts/texts.js";
import { createScenes } from "./scenes.js";
import { createSide } from "./side.js";
import { ALL_OFF, tellStory } from "./story.js";

/** Milliseconds from one message to the next, and how many there are at most. */
const PACE = 500;
const MOST = 600;

const byId = (id) => document.getElementById(id);
const { socketUrl } = await readConfig();
const switchboard = mountSwitchboard(byId("switches"));
const sides = [...document.querySelectorAll("[data-side]")].map((host) =>
  createSide(host, socketUrl),
);
const [ours, theirs] = sides;
const scenes = createScenes(byId("scenes"), { tautline: ours, reference: theirs });
const both = (what) => sides.forEach(what);
const field = byId("text");

let next = 1;
setInterval(() => {
  if (next > MOST) return;
  both((side) => side.send(String(next)));
  next++;
}, PACE);
setInterval(() => both((side) => side.show()), 100);
void ask();

/** What has arrived, asked on another way than the one that the switches break. */
async function ask() {
  try {
    const query = sides.map(({ run }) => `run=${encodeURIComponent(run)}`).join("&");
    const counts = await (await fetch(`/comparison?${query}`)).json();
    both((side) => side.count(counts[side.run]));
  } catch {
    // The site itself is gone: what was counted stands.
  }
  setTimeout(ask, PACE);
}

byId("writing").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = field.value.trim();
  if (text === "") return;
  both((side) => side.send(text, true));
  field.value = "";
});
keepEnterOfComposition(field);

function reset() {
  next = 1;
  both((side) => side.restart());
  scenes.clear();
  setText(byId("verdict"), "");
}
byId("reset").addEventListener("click", reset);

/** Nobody is left with a broken network by a page that has gone in the middle of its story. */
function mend() {
  void switchboard.turn(ALL_OFF);
}

byId("story").addEventListener("click", async ({ currentTarget: button }) => {
  setAvailable(button, false);
  // the scenes are measured against what was counted before them
  setAvailable(byId("reset"), false);
  addEventListener("pagehide", mend);
  reset();
  // both clients are to be seen while it goes on, on a phone too
  button.closest(".comparison").scrollIntoView();
  setText(byId("verdict"), t("home.story.calm"));
  await tellStory({
    ...switchboard,
    signal: tell,
    begin(id) {
      scenes.begin(id);
      setText(byId("verdict"), t("home.story.now", { scene: t(`home.scenes.${id}`) }));
    },
    end: scenes.end,
    // only a WebSocket can die without a word
    areReady: () => sides.every((side) => side.usesWebSocket()),
    watch() {
      const numbers = sides.map((side) => side.next());
      return () => sides.every((side, i) => side.isPast(numbers[i]));
    },
  });
  const [our, their] = [ours.totals(), theirs.totals()];
  const values = {
    ourOptions: ours.options(),
    theirOptions: theirs.options(),
    ourAway: seconds(our.away),
    ourLost: our.lost,
    theirAway: seconds(their.away),
    theirLost: their.lost,
  };
  setText(byId("verdict"), t("home.story.end", values));
  removeEventListener("pagehide", mend);
  setAvailable(byId("reset"), true);
  setAvailable(button, true);
});
/** Gives this page, and with it both clients, the events of a browser that wakes up, or loses its network. */
function tell(signal) {
  if (signal === "wake") document.dispatchEvent(new Event("visibilitychange"));
  else dispatchEvent(new Event(signal));
}
// Until now a form would have been sent the old way, and the page would have been left.
for (const id of ["story", "reset", "write"]) byId(id).disabled = false;

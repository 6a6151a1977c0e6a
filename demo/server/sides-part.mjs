import { SCENES } from "../public/home/story.js";

/** Both clients, each with the values of its menu (public/home/clients.js) in their order; the first one is chosen. */
const SIDES = {
  tautline: ["exactlyOnce", "defaults"],
  reference: ["defaults", "retries"],
};
const COUNTS = ["away", "lost", "sent", "arrived", "doubled"];
const BIG = new Set(["away", "lost"]);

/**
 * The halves of the comparison as HTML; home/side.js brings them to life.
 *
 * @param {(key: string) => string} t gives escaped texts
 */
export function sidesPart(t) {
  return Object.entries(SIDES)
    .map(([side, options]) => sidePart(side, options, t))
    .join("\n      ");
}

/** What the demonstration shows, a row each (public/home/story.js), before it has been shown. */
export function scenesPart(t) {
  const cell = (side) =>
    `<td data-of="${side}"><span data-bar hidden></span><span data-text>–</span></td>`;
  return SCENES.map(
    (id) =>
      `<tr data-scene="${id}"><th scope="row">${t(`home.scenes.${id}`)}</th>${Object.keys(SIDES).map(cell).join("")}</tr>`,
  ).join("\n        ");
}

function sidePart(side, options, t) {
  const choices = options.map(
    (value) => `<option value="${value}">${t(`home.choices.${value}`)}</option>`,
  );
  const counts = COUNTS.map(
    (name) =>
      `<div class="${BIG.has(name) ? `big ${name}` : name}"><dt>${t(`home.counts.${name}`)}</dt><dd data-${name}>0</dd></div>`,
  );
  return `<section class="side" data-side="${side}" aria-labelledby="${side}-title">
        <div class="side-head">
          <h2 id="${side}-title">${t(`home.${side}.name`)}</h2>
          <label class="field"><span class="visually-hidden">${t("home.options")}</span><select autocomplete="off" disabled>${choices.join("")}</select></label>
        </div>
        <p class="side-state" data-state></p>
        <dl class="counts">${counts.join("")}</dl>
        <ol class="cells" data-cells aria-hidden="true"></ol>
        <ul class="written" data-written></ul>
      </section>`;
}

import { element } from "./dom.js";
import { t } from "./texts.js";

const BEGIN = /^\s*(\/\/|\{\/\*) #region\b/;
const END = /^\s*(\/\/|\{\/\*) #endregion\b/;

/** "Source": the files of an example, fetched when they are asked for; the lines that matter are marked. */
export function mountSource(id) {
  const toggle = document.getElementById("source-toggle");
  const host = document.getElementById("source");
  let isWanted = false;
  toggle.addEventListener("click", async () => {
    host.hidden = !host.hidden;
    toggle.setAttribute("aria-expanded", String(!host.hidden));
    if (host.hidden || isWanted) return;
    isWanted = true;
    try {
      const response = await fetch(`/source/${id}`);
      host.replaceChildren(...(await response.json()).flatMap(show));
    } catch (error) {
      // The next click asks again.
      isWanted = false;
      host.replaceChildren(element("p", { class: "hint" }, t("source.failed", error)));
    }
  });
  toggle.disabled = false;
}

function show({ file, text }) {
  const code = element("code", {});
  let matters = false;
  for (const line of text.trimEnd().split("\n")) {
    if (BEGIN.test(line)) matters = true;
    else if (END.test(line)) matters = false;
    else code.append(element(matters ? "mark" : "span", {}, `${line}\n`));
  }
  const heading = element("h3", {}, element("code", {}, `demo/${file}`));
  const hint = element("p", { class: "hint" }, t("source.marked"));
  return [
    heading,
    hint,
    element("pre", { class: "code", tabindex: "0", "aria-label": file }, code),
  ];
}

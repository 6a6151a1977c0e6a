import { element } from "./dom.js";
import { t } from "./texts.js";

const BEGIN = /^\s*(\/\/|\{\/\*) #region\b/;
const END = /^\s*(\/\/|\{\/\*) #endregion\b/;

/** "Source": the files of an example, fetched when they are asked for; the lines that matter are marked. */
export function mountSource(id) {
  const toggle = document.getElementById("source-toggle");
  const host = document.getElementById("source");
  toggle.addEventListener("click", async () => {
    if (host.childElementCount === 0) {
      const response = await fetch(`/source/${id}`);
      for (const file of await response.json()) host.append(...show(file));
    }
    host.hidden = !host.hidden;
    toggle.setAttribute("aria-expanded", String(!host.hidden));
  });
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

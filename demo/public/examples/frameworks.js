import { element } from "../parts/ui.js";
import { openExample } from "./frame.js";
import { mountReact } from "./react-chat.jsx";
import { mountVue } from "./vue-chat.js";

const { url, show, text } = await openExample();
const hosts = ["React", "Vue"].map((name) => {
  const host = element("div", {});
  return {
    name,
    host,
    card: element(
      "section",
      { class: "card", "data-framework": name },
      element("h2", {}, name),
      host,
    ),
  };
});
show(element("div", { class: "people two" }, ...hosts.map(({ card }) => card)));

// #region
const [react, vue] = hosts.map(({ host }) => host);
mountReact(react, { url, text });
mountVue(vue, { url, text });
// #endregion

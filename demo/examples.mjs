/**
 * Every example, in the order in which they are shown: its page is `/examples/<id>`.
 *
 * To add one: a line here, its client (a module of `public/examples/` that fills `#example`), its server (a module of
 * `server/examples/` that exports `create()`), and its texts under `examples.<id>` (`title`, `lead`).
 *
 * @typedef {object} Example
 * @property {string} id
 * @property {string[]} sources what "Source" shows, below `demo/`, the page's module first. Lines between `#region` and
 *   `#endregion` are those that matter
 */

const pair = (id) => ({ id, sources: [`public/examples/${id}.js`, `server/examples/${id}.mjs`] });

/** @type {Example[]} */
export const examples = [
  pair("rooms"),
  pair("namespaces"),
  pair("job"),
  pair("upload"),
  pair("answer"),
  pair("plain"),
  {
    id: "frameworks",
    sources: [
      "public/examples/frameworks.js",
      "public/examples/react-chat.jsx",
      "public/examples/vue-chat.js",
      "server/chat.mjs",
    ],
  },
  pair("tabs"),
  pair("offline"),
];

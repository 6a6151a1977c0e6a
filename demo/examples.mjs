/**
 * Every example, in the order in which they are shown: its page is `/examples/<id>`.
 *
 * To add one: a line here, its two files (a module of `public/examples/` that shows itself, and one of
 * `server/examples/` that exports `open(server)`), and its texts under `examples.<id>` (`title`, `lead`).
 *
 * @typedef {object} Example
 * @property {string} id
 * @property {string} script what is built from the first source
 * @property {string[]} sources what "Source" shows, below `demo/`; lines between `#region` and `#endregion` matter
 */

/** @type {Example[]} */
export const examples = [];

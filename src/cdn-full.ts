/** The script-tag build with everything: one global, `io`. */
import * as tautline from "./full.js";

export default Object.assign(tautline.io, tautline);

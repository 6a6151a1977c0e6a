/** The script-tag build: one global, `io`, callable, with everything else on it. */
import * as tautline from "./index.js";

export default Object.assign(tautline.io, tautline);

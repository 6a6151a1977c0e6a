/** An app for bundlers: the main entry and two subpaths, which must be one copy of the library. */
import { io, TautlineError } from "tautline";
import { atLeastOnce } from "tautline/delivery";
import { stats } from "tautline/stats";
import "./conversation.js";

const socket = io({ autoConnect: false, forceNew: true });
if (stats(socket.io).transport !== undefined) throw new TautlineError("timeout", "Not one copy");
globalThis.report(io, { delivery: atLeastOnce() }).then(globalThis.print);

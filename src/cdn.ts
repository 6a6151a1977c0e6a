/** The script-tag build: one global, `io`, callable, with everything else on it. */
import { createIo, Fetch, io, TautlineError, WebSocket, XHR } from "./index.js";

export default Object.assign(io, { createIo, Fetch, TautlineError, WebSocket, XHR });

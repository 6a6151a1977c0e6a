/** The emitter of what plays Node's part here: apps emit events themselves, and what a listener throws reaches them. */
export { EventEmitter } from "eventemitter3";

import { isBinary } from "../protocol/attachments.js";
import type { BinaryData } from "../protocol/engine-packet.js";

/** What `write` takes; numbers and booleans are sent as text, as in engine.io-client. */
export type RawMessage = string | BinaryData | number | boolean | null;
export type WriteOptions = { compress?: boolean } | null;
/** Called when a message was handed over. */
export type Flushed = () => void;
/** The arguments of `write`: the callback may stand in the place of the others. */
export type WriteArguments = [
  data?: RawMessage | Flushed,
  options?: WriteOptions | Flushed,
  flushed?: Flushed,
];

/** What is sent of the first argument: nothing for what is false, or a function. */
export function contentOf(data: WriteArguments[0]): string | BinaryData {
  if (isFunction(data) || !data) return "";
  return isBinary(Object(data) as object) ? (data as BinaryData) : String(data);
}

export function callbackOf(args: WriteArguments): Flushed | undefined {
  return args.find(isFunction) as Flushed | undefined;
}

function isFunction(value: unknown): boolean {
  return typeof value === "function";
}

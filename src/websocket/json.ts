import type { MessageCodec } from "./options.js";

/**
 * Messages as JSON. Binary data is an error, and so is text that does not parse.
 *
 * @example new ReconnectingWebSocket<Incoming, Outgoing>(url, { codec: json })
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- any message; the types of the socket say which
export const json: MessageCodec<any, any> = {
  encode: (message) => JSON.stringify(message),
  decode(data) {
    if (typeof data !== "string") throw new TypeError("binary data is no JSON");
    return JSON.parse(data) as unknown;
  },
};

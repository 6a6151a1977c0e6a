import type { Parts } from "./connection/parts.js";
import { signals } from "./connection/vigil.js";
import { createRetries } from "./delivery/retries.js";
import { diagnosis } from "./engine/diagnosis.js";
import { memory } from "./engine/memory.js";
import { upgrade } from "./engine/upgrader.js";
import { createParserCodec } from "./protocol/parser-codec.js";
import { Polling } from "./transports/polling.js";
import { WebSocketTransport } from "./transports/websocket.js";

/** What the default `io` is made of. */
export const defaults: Parts = {
  transports: { websocket: WebSocketTransport, polling: Polling },
  upgrade,
  memory,
  diagnosis,
  signals,
  parser: createParserCodec,
  retries: createRetries,
};

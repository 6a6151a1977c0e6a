/**
 * What Node adds to the parts of `tautline`, for those who make an `io` of parts. `tautline` itself has it where the condition
 * "node" is set (docs/node.md).
 *
 * @example const io = createIo({ upgrade, memory }, node);
 */
import type { Parts } from "../connection/parts.js";
import { host, nodeBuffer } from "../platform/browser.js";
import type { BinaryData } from "../protocol/engine-packet.js";
import { NodePolling } from "./node-polling.js";
import { NodeWebSocket } from "./node-websocket.js";

/** Transports that take what Node can do, and binary data as Buffers. */
export const node: Parts = {
  transports: { websocket: NodeWebSocket, polling: NodePolling },
  binary: (data, binaryType) =>
    binaryType === "arraybuffer" || host.document ? data : (nodeBuffer(data) as BinaryData),
};

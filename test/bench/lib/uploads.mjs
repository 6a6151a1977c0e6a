import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** Bytes of a chunk, and how many are under way, on both sides. */
const CHUNK = 65_536;
const WINDOW = 4;

/** The server of uploads, in a process of its own: `{ url, close() }`. */
export async function startUploadServer() {
  const child = fork(fileURLToPath(new URL("./upload-server.mjs", import.meta.url)));
  const [{ port }] = await once(child, "message");
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      const exit = once(child, "exit");
      child.kill();
      await exit;
    },
  };
}

/** What an app writes by hand: the same chunks, the same window, one ack each, and nothing else. */
export async function chunkLoop(socket, blob) {
  let position = 0;
  const worker = async () => {
    while (position < blob.size) {
      const at = position;
      position += CHUNK;
      await socket.emitWithAck("chunk", await blob.slice(at, at + CHUNK).arrayBuffer());
    }
  };
  await Promise.all(Array.from({ length: WINDOW }, worker));
}

/**
 * MiB a second, a number a round, alternately: `{ tautline, raw }`.
 *
 * @param {{ io: Function, upload: Function, url: string, mebibytes: number, rounds: number }} options
 */
export async function uploadRates({ io, upload, url, mebibytes, rounds }) {
  const socket = io(url, { transports: ["websocket"], forceNew: true });
  await new Promise((resolve) => socket.once("connect", resolve));
  const blob = new Blob([new Uint8Array(mebibytes * 2 ** 20)]);
  const sides = {
    tautline: () => upload(socket, "upload", blob, { chunkSize: CHUNK, window: WINDOW }),
    raw: () => chunkLoop(socket, blob),
  };
  const rates = { tautline: [], raw: [] };
  for (let round = -1; round < rounds; round++) {
    const order = round % 2 ? ["tautline", "raw"] : ["raw", "tautline"];
    for (const side of order) {
      const start = performance.now();
      await sides[side]();
      if (round >= 0) rates[side].push((mebibytes * 1000) / (performance.now() - start));
    }
  }
  socket.disconnect();
  return rates;
}

import { createHash } from "node:crypto";
import { receiveUploads } from "tautline/server";

/** Files are counted and hashed, and stored nowhere. */
const MAX_SIZE = 100 * 1024 * 1024;
/** Milliseconds that each chunk takes, so that there is something to see on a fast machine. */
const SLOWNESS = 90;
/** Milliseconds after which an upload of which nothing comes any more is given up: others want its place. */
const IDLE = 60_000;

export function create() {
  return { open };
}

function open({ io }) {
  // #region
  receiveUploads(
    io.of("/files"),
    "upload",
    async (_file, chunks) => {
      const hash = createHash("sha256");
      let bytes = 0;
      for await (const chunk of chunks) {
        hash.update(chunk);
        bytes += chunk.byteLength;
        await new Promise((resolve) => setTimeout(resolve, SLOWNESS));
      }
      return { bytes, sha256: hash.digest("hex") };
    },
    { maxSize: MAX_SIZE, idleTimeout: IDLE },
  );
  // #endregion
}

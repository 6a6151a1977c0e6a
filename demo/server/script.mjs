import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { StartError } from "./settings.mjs";

/** The script-tag build with everything: its errors have hints, which the pages show. */
export const SCRIPT = "tautline.full.min.js";

/**
 * The script and its Subresource Integrity value. The bytes are kept: a build while the demo runs would
 * otherwise make every page refuse the script.
 *
 * @param {string} dist the folder of the built files
 * @returns {Promise<{ bytes: Buffer, integrity: string }>}
 */
export async function readScript(dist) {
  const bytes = await readFile(path.join(dist, SCRIPT)).catch((cause) => {
    throw new StartError(
      `dist/${SCRIPT} is not there yet. Run \`npm run build\` first, or \`npm start\`, which does both.`,
      { cause },
    );
  });
  return { bytes, integrity: `sha384-${createHash("sha384").update(bytes).digest("base64")}` };
}

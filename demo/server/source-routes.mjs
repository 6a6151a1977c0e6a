import { readFile } from "node:fs/promises";
import path from "node:path";
import express from "express";
import { examples } from "../examples.mjs";

/**
 * `GET /source/<example>` gives the files of an example, and nothing else: `[{ file, text }]`.
 *
 * @param {string} folder
 */
export function sourceRoutes(folder) {
  const router = express.Router();
  for (const { id, sources } of examples) {
    router.get(`/${id}`, async (_request, response) => {
      const read = async (file) => ({
        file,
        text: await readFile(path.join(folder, file), "utf8"),
      });
      response.json(await Promise.all(sources.map(read)));
    });
  }
  return router;
}

import { describe, expect, it } from "vitest";
import { bundle } from "./metro.mjs";

const count = (text: string, piece: string): number => text.split(piece).length - 1;

describe.each([true, false])("Metro's bundle, with package exports: %s", (packageExports) => {
  it.each(["app/imported.ts", "app/required.js"])(
    "has one copy of the library (%s) (RNA-7)",
    async (app) => {
      const code = await bundle(app, { packageExports, runtime: false });
      // from the core, from a part, and from the decoder
      for (const marker of [
        "is not base64",
        "this host has no WebSocket class",
        "_placeholder: true",
      ])
        expect(count(code, marker), marker).toBe(1);
    },
  );
});

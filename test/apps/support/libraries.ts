import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../../", import.meta.url));

/** What `socket.io-client` is in a build of an app. */
export interface Library {
  name: string;
  /** What a bundler takes. */
  module: string;
  types: string;
  /** What a script tag loads. */
  script: string;
}

/** Each app runs with both: with the first it shows that the app is right, with the second that nothing else is needed. */
export const libraries: Library[] = [
  {
    name: "socket.io-client",
    module: join(root, "node_modules/socket.io-client/build/esm/index.js"),
    types: join(root, "node_modules/socket.io-client/build/esm/index.d.ts"),
    script: join(root, "node_modules/socket.io-client/dist/socket.io.min.js"),
  },
  {
    name: "tautline",
    module: join(root, "dist/index.js"),
    types: join(root, "dist/index.d.ts"),
    script: join(root, "dist/tautline.min.js"),
  },
];

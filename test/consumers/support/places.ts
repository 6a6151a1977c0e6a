import { fileURLToPath } from "node:url";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** This folder, which has a package.json of its own. */
export const consumers = at("..");
/** The apps. */
export const apps = at("../apps");
/** The package as npm packs it, beside the other packages of this folder: see setup.ts. */
export const installed = at("../node_modules/tautline");
/** The root of the repository. */
export const root = at("../../..");

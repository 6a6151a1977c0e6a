import { fileURLToPath } from "node:url";

/** One app for `next build` and `next start`, for a static export, and for development: FORM says which. */
const form = process.env.FORM ?? "server";

export default {
  // An export is built in .next, and only its outcome stands here.
  distDir: `.next-${form}`,
  ...(form === "export" && { output: "export" }),
  // Where node_modules are, which are not the app's own.
  turbopack: { root: fileURLToPath(new URL("../..", import.meta.url)) },
};

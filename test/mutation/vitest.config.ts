import { defineConfig } from "vitest/config";

/** The unit tests alone; what reads the folder that Stryker copies (docs, lint, sizes) says nothing of a mutant. */
export default defineConfig({
  test: {
    name: "unit",
    include: ["test/unit/**/*.test.ts"],
    exclude: ["test/unit/{docs,snippets,spec,states}.test.ts"],
    maxWorkers: 1,
  },
});

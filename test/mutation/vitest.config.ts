import { defineConfig } from "vitest/config";

/** The unit tests of these layers: those of what stands above them would find more, in many times the time. */
const layers =
  "connection,delivery,engine,manager,options,pipeline,platform,protocol,reading,socket,stats,transports";

export default defineConfig({
  test: {
    name: "unit",
    include: [`test/unit/{${layers}}/**/*.test.ts`, "test/unit/io.test.ts"],
    maxWorkers: 1,
  },
});

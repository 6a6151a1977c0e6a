/** `npx tautline`, as it is packed. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { brokenWorlds } from "../support/broken-worlds.ts";

const command = fileURLToPath(new URL("../../bin/tautline.mjs", import.meta.url));

interface Ended {
  code: number | null;
  out: string;
  err: string;
}

function run(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [command, ...args], (_error, out, err) =>
      resolve({ code: child.exitCode, out, err }),
    );
  });
}

/** These worlds answer: that takes as long as the machine does. */
const patiently = ["--timeout", "60000"];

async function world(cause: string): Promise<string> {
  const found = brokenWorlds.find((one) => one.cause === cause);
  const { url } = (await found?.start((server) =>
    onTestFinished(async () => void (await server.close())),
  )) as { url: string };
  return url;
}

describe("tautline doctor", () => {
  it("says that nothing is wrong, and exits with 0 (DOC-10)", async () => {
    const { code, out } = await run("doctor", await world("none"), ...patiently);
    expect({ code, first: out.split("\n")[0] }).toEqual({ code: 0, first: "cause     none" });
  });

  it("names cause, evidence, fix and docs, and exits with 1 (DOC-10)", async () => {
    const { code, out } = await run("doctor", await world("websocket-disabled"), ...patiently);
    expect(code).toBe(1);
    expect(out).toMatch(
      /^cause +websocket-disabled\nconnects +yes\nevidence +\S.*\nfix +\S.*\ndocs +https:\/\/\S+#websocket-disabled\n/,
    );
  });

  it("prints the report as JSON (DOC-11)", async () => {
    const { out } = await run("doctor", await world("wrong-path"), "--json", ...patiently);
    expect(JSON.parse(out)).toMatchObject({ cause: "wrong-path", connects: false });
  });

  it.each([
    [],
    ["docter", "http://localhost"],
    ["doctor"],
    ["doctor", "http://localhost", "more"],
    ["doctor", "http://localhost", "--nonsense"],
    ["doctor", "http://localhost", "--auth", "{"],
    ["doctor", "http://localhost", "--auth", "1"],
    ["doctor", "http://localhost", "--header", "nameless"],
    ["doctor", "http://localhost", "--timeout", "soon"],
  ])("explains itself when it is called wrongly: %j %j %j %j", async (...args) => {
    const { code, out, err } = await run(...args);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain("Usage: tautline doctor URL");
  });
});

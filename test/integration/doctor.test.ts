import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { diagnose } from "../../src/doctor/index.js";
import { brokenWorlds } from "../support/broken-worlds.js";
import { serve } from "../support/harness.js";

const withClass = { WebSocket: WebSocket as never };

describe("diagnose", () => {
  it.concurrent.each(brokenWorlds.map((world) => [world.name, world] as const))(
    "names the cause: %s (DOC-1)",
    async (_name, { start, cause, inNode = cause, connects }) => {
      const { url, options } = await start((server) =>
        onTestFinished(async () => void (await server.close())),
      );
      const report = await diagnose(url, { ...options, ...withClass });
      expect(report).toMatchObject({ cause: inNode, connects });
      expect(report.evidence).toHaveLength(report.causes.length);
      expect(report.docs).toMatch(new RegExp(`doctor\\.md#${inNode}$`));
    },
  );

  it("hands the auth data to the server's middleware", async () => {
    const server = await serve();
    server.io.use(({ handshake }, next) =>
      next(handshake.auth["token"] === "t" ? undefined : new Error("who?")),
    );
    const { causes, evidence } = await diagnose(server.url, withClass);
    expect({ causes, evidence }).toEqual({
      causes: ["refused"],
      evidence: ['the server says "who?"'],
    });
    expect(await diagnose(server.url, { auth: { token: "t" }, ...withClass })).toMatchObject({
      cause: "none",
      connects: true,
    });
  });

  it("leaves no client on the server (DOC-2)", async () => {
    const server = await serve();
    await diagnose(server.url, withClass);
    await expect.poll(() => server.io.engine.clientsCount).toBe(0);
  });

  it("ends early when its signal is aborted (DOC-3)", async () => {
    const silent = brokenWorlds.find(({ cause }) => cause === "timeout");
    const { url } = (await silent?.start((server) =>
      onTestFinished(async () => void (await server.close())),
    )) as { url: string };
    const abort = new AbortController();
    const diagnosing = diagnose(url, { timeout: 60_000, signal: abort.signal, ...withClass });
    abort.abort();
    expect(await diagnosing).toMatchObject({ cause: "timeout" });
  });

  it.each([["http://"], ["ftp://host"], ["http://host:99999"], [""]])(
    "names a wrong address: %j (DOC-4)",
    async (address) => {
      expect(await diagnose(address)).toMatchObject({ cause: "invalid-address", connects: false });
    },
  );

  it.each([
    [{ auth: { n: 1n } }],
    [{ extraHeaders: { "a b": "c" } }],
    [{ query: { a: "\ud800" } }],
  ])("names options that nothing can be sent with: %o", async (options) => {
    expect(await diagnose("http://localhost:1", options as never)).toMatchObject({
      cause: "invalid-option",
    });
  });
});

import type { RequestListener } from "node:http";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { diagnose, type Report } from "../../src/doctor/index.js";
import { type BrokenWorld, brokenWorlds } from "../support/broken-worlds.js";
import { stubGlobal } from "../support/field.js";
import { serve, until } from "../support/harness.js";
import { type RunningServer, startHttp } from "../support/servers.js";

/**
 * Time enough for a machine that stands still for a while. Where the world is slow, the first answer takes 2 s at most, and the time is
 * over before the next one can be there.
 */
function timeFor({ cause, isSilent }: BrokenWorld): number {
  if (cause === "slow") return 3500;
  return isSilent ? 5000 : 15_000;
}

const withClass = { WebSocket: WebSocket as never };

/** A server that answers everything in one way, until the test has ended. */
async function answering(listener: RequestListener): Promise<RunningServer> {
  const server = await startHttp(listener);
  onTestFinished(async () => void (await server.close()));
  return server;
}

describe("diagnose", () => {
  it.concurrent.each(brokenWorlds.map((world) => [world.name, world] as const))(
    "names the cause: %s (DOC-1, DOC-25)",
    async (_name, world) => {
      const { start, cause, inNode = cause, connects } = world;
      const { url, options } = await start((server) =>
        onTestFinished(async () => void (await server.close())),
      );
      const report = await diagnose(url, { ...options, ...withClass, timeout: timeFor(world) });
      expect(report).toMatchObject({ cause: inNode, connects });
      expect(report.evidence).toHaveLength(report.causes.length);
      expect(report.docs).toMatch(new RegExp(`doctor\\.md#${inNode}$`));
    },
  );

  const worldsOf = (cause: string): Promise<Report[]> =>
    Promise.all(
      brokenWorlds
        .filter((world) => world.cause === cause)
        .map(async (world) => {
          const { url } = await world.start((server) =>
            onTestFinished(async () => void (await server.close())),
          );
          return diagnose(url, { ...withClass, timeout: timeFor(world) });
        }),
    );

  it("claims nothing but slowness where the time was too short (DOC-26)", async () => {
    for (const { causes, evidence } of await worldsOf("slow")) {
      expect(causes).toEqual(["slow"]);
      expect(evidence[0]).toMatch(/^the first answer took \d{4} ms, and the time was over/);
    }
  });

  it("tells a silent middleware from a broken line (DOC-27)", async () => {
    const reports = await worldsOf("connect-unanswered");
    expect(reports.length).toBeGreaterThan(2);
    for (const { causes, evidence } of reports) {
      expect(causes.filter((cause) => cause !== "websocket-disabled")).toEqual([
        "connect-unanswered",
      ]);
      expect(evidence[0]).toMatch(/CONNECT .*was not answered/);
    }
  });

  it("hands the auth data to the server's middleware (DOC-13)", async () => {
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
    await until(() => server.io.engine.clientsCount === 0);
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

  it("ends at once when its signal was aborted before, though nothing answers (DOC-14)", async () => {
    const { url } = await answering(() => {});
    const signal = AbortSignal.abort();
    const report = await diagnose(url, { timeout: 60_000, signal, ...withClass });
    expect(report).toMatchObject({ cause: "timeout", connects: false });
  });

  it.each([[0], [-5], [NaN], ["3000"], [null]])(
    "names a timeout that is none: %j (DOC-12)",
    async (timeout) => {
      const options = { timeout: timeout as number, ...withClass };
      expect(await diagnose("http://127.0.0.1", options)).toMatchObject({
        cause: "invalid-option",
        evidence: [expect.stringContaining("`timeout` is a number of milliseconds above 0")],
      });
    },
  );

  it("names a signal that is none, and does without options (DOC-12)", async () => {
    const options = { signal: 5 as unknown as AbortSignal };
    expect(await diagnose("http://127.0.0.1", options)).toMatchObject({ cause: "invalid-option" });
    const none = null as unknown as undefined;
    expect(await diagnose("ftp://x", none)).toMatchObject({ cause: "invalid-address" });
  });

  it("reads no more of an answer than it needs (DOC-15)", async () => {
    let written = 0;
    const { url } = await answering((_request, response) => {
      const block = Buffer.alloc(2 ** 16, "0{");
      const write = (): void => {
        while (!response.destroyed && response.write(block)) written += block.length;
        if (!response.destroyed) response.once("drain", write);
      };
      write();
    });
    const report = await diagnose(url, { timeout: 60_000, ...withClass });
    expect(report.cause).toBe("not-socketio");
    expect(written).toBeLessThan(50e6);
  });

  it("tells of an answer that does not end (DOC-15)", async () => {
    const { url } = await answering((_request, response) => void response.write("0"));
    // the time is over when the head of the answer has come
    const abort = new AbortController();
    const { fetch } = globalThis;
    stubGlobal("fetch", async (...args: Parameters<typeof fetch>) => {
      const response = await fetch(...args);
      setImmediate(() => abort.abort());
      return response;
    });
    const options = { timeout: 60_000, signal: abort.signal };
    const { cause, evidence } = await diagnose(url, { ...options, ...withClass });
    expect(cause).toBe("timeout");
    expect(evidence[0]).toBe("GET: HTTP 200, and a body that did not end in time");
  });

  it("follows no redirect, be it a loop (DOC-16)", async () => {
    let requests = 0;
    const { url } = await answering(({ url: path = "" }, response) => {
      requests++;
      response.writeHead(302, { Location: `${path}1` }).end();
    });
    expect(await diagnose(url, withClass)).toMatchObject({ cause: "redirect", connects: false });
    expect(requests).toBeLessThan(4);
  });

  it("repeats no address of which a class of WebSockets complains (DOC-17)", async () => {
    const server = await serve();
    class Complaining {
      constructor(address: string) {
        throw new SyntaxError(`Failed to construct 'WebSocket': The URL '${address}' is invalid.`);
      }
    }
    const query = { token: "s3cr3t" };
    const report = await diagnose(server.url, { query, WebSocket: Complaining as never });
    expect(report.causes).toContain("no-websocket");
    expect(JSON.stringify(report)).not.toContain("s3cr3t");
    expect(report.evidence.join()).toContain("(address)");
  });

  it.each([["http://"], ["ftp://host"], ["http://host:99999"], [""]])(
    "names a wrong address: %j (DOC-4)",
    async (address) => {
      expect(await diagnose(address)).toMatchObject({ cause: "invalid-address", connects: false });
    },
  );

  it.each([
    [{ auth: { n: 1n } }],
    [{ auth: (give: (data: object) => void) => give({}) }],
    [{ auth: "token" }],
    [{ auth: ["token"] }],
    [{ path: 5 }],
    [{ extraHeaders: 5 }],
    [{ extraHeaders: { "a b": "c" } }],
    [{ query: { a: "\ud800" } }],
  ])("names options that nothing can be sent with: %o (DOC-12)", async (options) => {
    expect(await diagnose("http://localhost:1", options as never)).toMatchObject({
      cause: "invalid-option",
    });
  });
});

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { atLeastOnce } from "../../../src/delivery/index.js";
import { explore, type RunFailure, type TestNetwork } from "../../../src/test-kit/index.js";

const ADDRESS = "http://chat.test";

/** Twenty events, one each half second; then all of them have to be there. */
async function chat(net: TestNetwork, options: object): Promise<void> {
  const heard: unknown[] = [];
  net.server(ADDRESS).on("connection", (far) => {
    far.on("n", (n, answer) => {
      heard.push(n);
      (answer as () => void)();
    });
  });
  const socket = net.io(ADDRESS, { reconnectionDelayMax: 500, ...options });
  for (let n = 0; n < 20; n++) {
    socket.emit("n", n, () => {});
    await net.advance(500);
  }
  await net.advance(120_000);
  const missing = Array.from({ length: 20 }, (_, n) => n).filter((n) => !heard.includes(n));
  if (missing.length) throw new Error(`${missing.length} are missing`);
}

describe("explore", () => {
  it("finds nothing where nothing can go wrong (KIT-10)", async () => {
    expect(await explore({ runs: 50 }, (net) => chat(net, { delivery: atLeastOnce() }))).toEqual({
      runs: 50,
    });
  });

  it("finds what at-most-once loses, makes it small, and says how to see it again (KIT-9)", async () => {
    const error = await explore({ runs: 200 }, (net) => chat(net, {})).catch((one: unknown) => one);
    expect(error).toMatchObject({ code: "run-failed" });
    const { message, data } = error as { message: string; data: RunFailure };
    expect(message).toContain("are missing");
    expect(message).toContain(`explore({ seed: ${data.seed}, duration: 10000, faults: [`);
    // none of them can be left out
    for (const one of data.faults) {
      const faults = data.faults.filter((fault) => fault !== one);
      await explore({ seed: data.seed, faults }, (net) => chat(net, {}));
    }
    const again = await explore({ seed: data.seed, faults: data.faults }, (net) =>
      chat(net, {}),
    ).catch((one: unknown) => one as { data: RunFailure });
    expect((again as { data: RunFailure }).data.transcript).toBe(data.transcript);
  });

  it("says what docs/testing.md shows (KIT-58)", async () => {
    const error = await explore({ runs: 1000 }, async (net) => {
      const heard = new Set<unknown>();
      net.server("https://chat.example").on("connection", (socket) => {
        socket.on("n", (n, answer) => {
          heard.add(n);
          (answer as () => void)();
        });
      });
      const socket = net.io("https://chat.example");
      for (let n = 0; n < 20; n++) {
        socket.emit("n", n, () => {});
        await net.advance(500);
      }
      await net.advance(120_000);
      if (heard.size < 20) throw new Error(`only ${heard.size} of 20 arrived`);
    }).catch((one: unknown) => one);
    const page = readFileSync(new URL("../../../docs/testing.md", import.meta.url), "utf8");
    expect(page).toContain(`TautlineError: ${(error as Error).message}\n`);
  });

  it("fails a run in which a callback throws (KIT-11)", async () => {
    const exploring = explore({ runs: 1, maxFaults: 0 }, async (net) => {
      net.server(ADDRESS);
      net.io(ADDRESS).on("connect", () => {
        throw new Error("in a listener");
      });
      await net.advance(1000);
    });
    await expect(exploring).rejects.toThrow("in a listener");
  });

  it("makes a failure of until() small too", async () => {
    const error = await explore({ runs: 200 }, async (net) => {
      net.server(ADDRESS);
      const socket = net.io(ADDRESS, { reconnection: false });
      await net.advance(11_000);
      await net.until(() => socket.connected, 30_000);
    }).catch((one: unknown) => one as { data: RunFailure; message: string });
    const { data, message } = error as { data: RunFailure; message: string };
    expect(data.faults).toHaveLength(1);
    expect(message).toContain("it did not come within 30000 ms");
    expect(message).not.toContain("A second run");
  });

  it("says when a second run of the same goes another way", async () => {
    let runs = 0;
    const exploring = explore({ runs: 10, maxFaults: 0 }, () => {
      if (++runs === 3) throw Object.create(null);
    });
    await expect(exploring).rejects.toThrow(
      /^seed 3 fails: .*A second run of the same went another way/s,
    );
  });

  it("refuses what is no scenario, and options that are none", async () => {
    const wrong = { code: "invalid-option" };
    await expect(explore({}, null as never)).rejects.toMatchObject(wrong);
    await expect(explore(null as never, () => {})).rejects.toMatchObject(wrong);
    await expect(explore({ run: 5 } as never, () => {})).rejects.toMatchObject(wrong);
  });

  it("knows its faults (KIT-35)", async () => {
    await expect(explore({ kinds: ["earthquake" as never] }, () => {})).rejects.toMatchObject({
      code: "invalid-option",
    });
  });

  it.each<[string, (net: TestNetwork) => void]>([
    [
      "a handler of a WebSocket",
      (net) => {
        net.webSocketServer("ws://plain.test");
        new WebSocket("ws://plain.test").onopen = () => {
          throw new Error("escaped");
        };
      },
    ],
    [
      "a listener of a WebSocket",
      (net) => {
        net.webSocketServer("ws://plain.test");
        new WebSocket("ws://plain.test").addEventListener("open", () => {
          throw new Error("escaped");
        });
      },
    ],
    [
      "a microtask",
      () =>
        queueMicrotask(() => {
          throw new Error("escaped");
        }),
    ],
    [
      "an asynchronous handler",
      (net) => {
        net.server(ADDRESS);
        net.io(ADDRESS).on("connect", () => Promise.reject(new Error("escaped")));
      },
    ],
    [
      "a server's handler during close()",
      (net) => {
        net.server(ADDRESS).on("connection", (far) => {
          far.on("disconnect", () => {
            throw new Error("escaped");
          });
        });
        net.io(ADDRESS);
      },
    ],
  ])("fails a run in which %s throws (KIT-33)", async (_, scenario) => {
    const exploring = explore({ faults: [] }, async (net) => {
      scenario(net);
      await net.advance(1000);
    });
    await expect(exploring).rejects.toThrow("seed 1 fails: escaped");
    expect("reportError" in globalThis && globalThis.reportError === undefined).toBe(false);
  });

  it.each<object>([
    { runs: NaN },
    { runs: -1 },
    { runs: "3" },
    { run: 5 },
    { maxFaults: -1 },
    { faults: [{ at: 0, kind: "cutt" }] },
  ])("refuses wrong options: %j (KIT-35)", async (options) => {
    await expect(explore(options, () => {})).rejects.toMatchObject({ code: "invalid-option" });
  });

  it("keeps to the failure that it found when it leaves faults out (KIT-34)", async () => {
    const faults = [
      { at: 1, kind: "cut" },
      { at: 2, kind: "half-open" },
    ] as const;
    const exploring = explore({ faults }, async (net) => {
      await net.advance(10);
      throw new Error(net.transcript.includes("cut") ? "A" : "B");
    });
    await expect(exploring).rejects.toMatchObject({
      message: expect.stringContaining("seed 1 fails: A") as unknown,
      data: { faults: [faults[0]] },
    });
  });
});

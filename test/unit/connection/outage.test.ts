import { beforeEach, describe, expect, it, vi } from "vitest";
import { isolate, scriptedClient } from "../../support/scripted-client.js";

beforeEach(() => isolate());

describe("An outage", () => {
  it("is not explained by what caused an earlier one", async () => {
    const fetch = vi.fn(() =>
      Promise.resolve(new Response('{"code":1,"message":"Session ID unknown"}', { status: 400 })),
    );
    vi.stubGlobal("fetch", fetch);
    const client = scriptedClient({ reconnectionDelay: 100, reconnectionDelayMax: 100 });
    client.socket();
    for (let i = 0; i < 2; i++) {
      await client.fail();
      await vi.advanceTimersByTimeAsync(101);
    }
    expect(fetch).toHaveBeenCalledOnce();
    await client.enter();
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("failed")));
    for (let i = 0; i < 3; i++) {
      await client.fail();
      await vi.advanceTimersByTimeAsync(101);
    }
    expect(client.told().filter((line) => line.startsWith("connect_error"))).toEqual([
      "connect_error websocket-blocked",
      "connect_error websocket-blocked",
      "connect_error unreachable",
      "connect_error unreachable",
    ]);
  });
});

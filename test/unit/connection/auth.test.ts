import { describe, expect, it, vi } from "vitest";
import { askForAuth, type Auth, checkAuth } from "../../../src/connection/auth.js";

async function ask(auth: Auth): Promise<{ data: unknown[]; failures: unknown[] }> {
  const [done, failed] = [vi.fn(), vi.fn()];
  askForAuth(auth, done, failed);
  for (let tick = 0; tick < 5; tick++) await Promise.resolve();
  return { data: done.mock.calls.flat(), failures: failed.mock.calls.flat() };
}

const error = new Error("no token");

describe("askForAuth()", () => {
  it.each<[string, Auth, unknown[]]>([
    ["an object", { a: 1 }, [{ a: 1 }]],
    ["what a function returns", () => ({ a: 1 }), [{ a: 1 }]],
    ["a promise of it", () => Promise.resolve({ a: 1 }), [{ a: 1 }]],
    ["a callback", (done: (data: object) => void) => done({ a: 1 }), [{ a: 1 }]],
    [
      "a callback, and not what is returned beside it",
      (done: (data: object) => void) => {
        done({ a: 1 });
        return { timer: 5 };
      },
      [{ a: 1 }],
    ],
    ["nothing while the callback is still due", (_done: unknown) => 5, []],
    ["nothing of a promise beside a callback", (_done: unknown) => Promise.resolve({ b: 1 }), []],
  ])("takes %s", async (_what, auth, data) => {
    expect(await ask(auth)).toEqual({ data, failures: [] });
  });

  it.each<[string, Auth]>([
    [
      "throws",
      () => {
        throw error;
      },
    ],
    ["rejects", () => Promise.reject(error)],
    ["rejects though it takes a callback", (_done: unknown) => Promise.reject(error)],
  ])("fails when the function %s", async (_what, auth) => {
    expect(await ask(auth)).toEqual({ data: [], failures: [error] });
  });
});

describe("checkAuth()", () => {
  it("lets objects through, and takes nothing for nothing", () => {
    expect([checkAuth({ a: 1 }), checkAuth(undefined), checkAuth(null)]).toEqual([
      { a: 1 },
      undefined,
      undefined,
    ]);
  });

  it.each([["token"], [5], [true], [["a"]]])("refuses %j", (data) => {
    expect(() => checkAuth(data)).toThrow(expect.objectContaining({ code: "invalid-option" }));
  });
});

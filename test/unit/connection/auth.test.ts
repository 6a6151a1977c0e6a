import { runInNewContext } from "node:vm";
import { describe, expect, it, vi } from "vitest";
import {
  type Answer,
  askForAuth,
  type Asker,
  type Auth,
  type AuthCallback,
  checkAuth,
} from "../../../src/connection/auth.js";

class Credentials {
  token = 1;
}

function asker(changes: Partial<Asker>): Asker {
  return {
    self: undefined,
    reason: "connect",
    attempt: 1,
    refused: undefined,
    done() {},
    failed() {},
    ...changes,
  };
}

async function ask(auth: Auth): Promise<{ data: unknown[]; failures: unknown[] }> {
  const [done, failed] = [vi.fn(), vi.fn()];
  askForAuth(auth, asker({ done: ({ data }) => done(data), failed: (cause) => failed(cause) }));
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
    [
      "nothing of what is returned but no plain object, while the callback is still due",
      (_done: unknown) => new Map([["b", 1]]),
      [],
    ],
    ["what a function with a parameter returns", ({ attempt }) => ({ attempt }), [{ attempt: 1 }]],
    [
      "what its promise brings",
      ({ reason }) => Promise.resolve({ reason }),
      [{ reason: "connect" }],
    ],
    [
      "what a promise brings, whatever its class",
      async (_done) => new Credentials(),
      [{ token: 1 }],
    ],
    [
      "what it returns without a prototype",
      (_done: unknown) => Object.assign(Object.create(null) as object, { a: 1 }),
      [{ a: 1 }],
    ],
    [
      "what it returns of another realm",
      (_done: unknown) => runInNewContext("({ a: 1 })") as object,
      [{ a: 1 }],
    ],
    [
      "what calls back later without a parameter",
      (...args: ((data: object) => void)[]) =>
        void Promise.resolve().then(() => args[0]?.({ a: 1 })),
      [{ a: 1 }],
    ],
    ["null for no data", () => null, [null]],
    ["nothing of a promise of nothing beside a callback", async (_done) => {}, []],
    ["nothing of a promise of a timer's id beside a callback", async (_done) => 5, []],
    ["null of a promise beside a callback", async (_done) => null, [null]],
    ["null that is returned beside a callback", (_done: unknown) => null, [null]],
    ["a text of a promise, which is no data", async (_done) => "token", ["token"]],
    ["a text that is returned, which is no data", (_done: unknown) => "token", ["token"]],
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

describe("askForAuth() > a function that several share", () => {
  function deferred(): {
    auth: Auth;
    calls: AuthCallback[];
    give: (data: object) => Promise<void>;
  } {
    const calls: AuthCallback[] = [];
    const gives: ((data: object) => void)[] = [];
    return {
      calls,
      auth: (ask: AuthCallback) => {
        calls.push(ask);
        return new Promise((resolve) => gives.push(resolve));
      },
      async give(data) {
        gives.shift()?.(data);
        for (let tick = 0; tick < 5; tick++) await Promise.resolve();
      },
    };
  }

  it("is called once while its promise is pending, and again afterwards", async () => {
    const { auth, calls, give } = deferred();
    const answers: unknown[] = [];
    for (const name of ["a", "b"])
      askForAuth(auth, asker({ done: ({ data }) => answers.push([name, data]) }));
    await give({ token: 1 });
    askForAuth(auth, asker({ done: ({ data }) => answers.push(["c", data]) }));
    await give({ token: 2 });
    expect(calls).toHaveLength(2);
    expect(answers).toEqual([
      ["a", { token: 1 }],
      ["b", { token: 1 }],
      ["c", { token: 2 }],
    ]);
  });

  it("is not called for what another one has replaced meanwhile", async () => {
    const { auth, calls, give } = deferred();
    const got: Answer[] = [];
    const done = (answer: Answer): void => void got.push(answer);
    for (let index = 0; index < 2; index++) askForAuth(auth, asker({ done }));
    await give({ token: "old" });
    const refused = got[0];
    askForAuth(auth, asker({ done, refused, reason: "refused" }));
    await give({ token: "new" });
    askForAuth(auth, asker({ done, refused, reason: "refused" }));
    expect([calls.length, got.map(({ data }) => data)]).toEqual([
      2,
      [{ token: "old" }, { token: "old" }, { token: "new" }, { token: "new" }],
    ]);
  });

  it("is told by its signal when the last one leaves, and is then called anew", async () => {
    const { auth, calls, give } = deferred();
    const done = vi.fn();
    const [first, second] = [1, 2].map(() => askForAuth(auth, asker({ done })));
    first?.();
    expect(calls[0]?.signal.aborted).toBe(false);
    second?.();
    second?.();
    expect(calls[0]?.signal.aborted).toBe(true);
    askForAuth(auth, asker({ done }));
    await give({ token: "of the call that was left" });
    expect([calls.length, done.mock.calls]).toEqual([2, []]);
    await give({ token: "new" });
    expect(done).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ data: { token: "new" } }),
    );
  });

  it("is called anew for fresh data, once what was begun without need of it has ended", async () => {
    const { auth, calls, give } = deferred();
    const answers: unknown[] = [];
    const ask = (name: string, changes: Partial<Asker>): (() => void) =>
      askForAuth(auth, asker({ ...changes, done: ({ data }) => answers.push([name, data]) }));
    ask("connects", { reason: "connect" });
    ask("refused", { reason: "refused" });
    ask("reauth", { reason: "reauth" });
    const leave = ask("has left", { reason: "refused" });
    ask("reconnects", { reason: "reconnect" });
    leave();
    expect(calls).toHaveLength(1);
    await give({ token: "kept" });
    expect(calls.map(({ reason }) => reason)).toEqual(["connect", "refused"]);
    ask("joins", { reason: "connect" });
    await give({ token: "fresh" });
    expect([calls.length, answers]).toEqual([
      2,
      [
        ["connects", { token: "kept" }],
        ["reconnects", { token: "kept" }],
        ["refused", { token: "fresh" }],
        ["reauth", { token: "fresh" }],
        ["joins", { token: "fresh" }],
      ],
    ]);
  });

  it("is called for fresh data when the call before it fails, or nobody waits for that any more", async () => {
    const reasons: unknown[] = [];
    const ends: ((error: Error) => void)[] = [];
    const auth: Auth = ({ reason }) => {
      reasons.push(reason);
      return new Promise((_, reject) => ends.push(reject));
    };
    const [failed, done] = [vi.fn(), vi.fn()];
    askForAuth(auth, asker({ failed }));
    const leave = askForAuth(auth, asker({ reason: "refused", done }));
    ends[0]?.(error);
    for (let tick = 0; tick < 5; tick++) await Promise.resolve();
    expect([reasons, failed.mock.calls.length]).toEqual([["connect", "refused"], 1]);
    leave();
    const weak = askForAuth(auth, asker({}));
    askForAuth(auth, asker({ reason: "reauth", done }));
    weak();
    expect(reasons).toEqual(["connect", "refused", "connect", "reauth"]);
  });

  it("is called for what was refused though another one has got something meanwhile that may be the same", async () => {
    const { auth, calls, give } = deferred();
    const got: Answer[] = [];
    const done = (answer: Answer): void => void got.push(answer);
    askForAuth(auth, asker({ done }));
    await give({ token: "kept" });
    askForAuth(auth, asker({ done }));
    await give({ token: "kept" });
    askForAuth(auth, asker({ done, refused: got[0], reason: "refused" }));
    expect(calls.map(({ reason }) => reason)).toEqual(["connect", "connect", "refused"]);
  });

  it("is called for what another function has given, however old its own answers are", async () => {
    const { auth, calls, give } = deferred();
    for (let count = 0; count < 2; count++) {
      askForAuth(auth, asker({ reason: "refused" }));
      await give({ token: count });
    }
    const refused: Answer = { data: {}, auth: () => ({}), isReturned: true, serial: 1 };
    askForAuth(auth, asker({ refused, reason: "refused" }));
    expect(calls).toHaveLength(3);
  });

  it("has fresh data kept for who was refused, though nobody waited for it", async () => {
    const { auth, calls, give } = deferred();
    const got: Answer[] = [];
    const done = (answer: Answer): void => void got.push(answer);
    askForAuth(auth, asker({ done }));
    await give({ token: "old" });
    const refused = { refused: got[0], reason: "refused" as const, done };
    askForAuth(auth, asker(refused))();
    await give({ token: "new" });
    askForAuth(auth, asker(refused));
    expect([calls.length, got.map(({ data }) => data)]).toEqual([
      2,
      [{ token: "old" }, { token: "new" }],
    ]);
  });

  it("has the socket as `this`", () => {
    const self = {};
    const seen: unknown[] = [];
    askForAuth(function (this: unknown) {
      seen.push(this);
      return {};
    }, asker({ self }));
    expect(seen).toEqual([self]);
  });

  it("is called for each when it uses its callback, as in socket.io-client", () => {
    const asks: AuthCallback[] = [];
    const auth: Auth = (ask: AuthCallback) => void asks.push(ask);
    const done = vi.fn();
    askForAuth(auth, asker({ done }));
    askForAuth(auth, asker({ done }));
    asks[1]?.({ token: 2 });
    asks[1]?.({ token: 3 });
    expect([asks.length, done.mock.calls.length]).toEqual([2, 1]);
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

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
import { TautlineError } from "../../../src/errors.js";

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
    ["null for no data", () => null, [undefined]],
    ["null for no data beside a callback", (_done: unknown) => null, [undefined]],
    ["a promise of null for no data", async (_done) => null, [undefined]],
    ["a promise of nothing for no data", async () => {}, [undefined]],
    [
      "a promise of nothing for no data, once the context was read",
      async ({ signal }) => void signal,
      [undefined],
    ],
    [
      "the callback, though the context was read and nothing was returned",
      (ask) => void Promise.resolve(ask.reason).then((reason) => ask({ reason })),
      [{ reason: "connect" }],
    ],
    [
      "the callback, and not the promise of nothing beside it",
      async (ask) => ask({ reason: ask.reason }),
      [{ reason: "connect" }],
    ],
    ["nothing of a promise of nothing beside a callback", async (_done) => {}, []],
    ["nothing of a boolean beside a callback", (_done: unknown) => true, []],
    [
      "an object of a class, once the context was read",
      ({ attempt }) => Object.assign(new Credentials(), { attempt }),
      [{ token: 1, attempt: 1 }],
    ],
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
    expect(await ask(auth)).toEqual({
      data: [],
      failures: [expect.objectContaining({ code: "auth-failed", cause: error })],
    });
  });

  it("says that the function failed, whatever error that is, and lets it say that it has nothing more (AUT-16)", async () => {
    const timeout = new TautlineError("ack-timeout", "no answer");
    const loggedOut = new TautlineError("unauthorized", "log in again");
    const failures = [timeout, loggedOut].map(
      async (cause) => (await ask(() => Promise.reject(cause))).failures,
    );
    expect(await Promise.all(failures)).toEqual([
      [expect.objectContaining({ code: "auth-failed", cause: timeout })],
      [loggedOut],
    ]);
  });

  it.each<[string, Auth]>([
    ["an array", []],
    ["a text", () => "token"],
    ["a text beside a callback", (_done: unknown) => "token"],
    ["a promise of a text", async (_done: unknown) => "token"],
    ["a promise of a text, having read the context", async ({ reason }) => reason],
    ["a promise of a number", async (_done: unknown) => 5],
    ["a promise of false", async ({ attempt }) => attempt > 5],
    ["a number, having read the context", ({ attempt }) => attempt],
    ["a promise of a function", async () => () => ({ token: 1 })],
    ["a promise of an array", async () => []],
    ["a callback that is handed a text", (done) => done("token" as never)],
  ])("never waits for a callback after %s: it is invalid-option", async (_what, auth) => {
    expect(await ask(auth)).toEqual({
      data: [],
      failures: [expect.objectContaining({ code: "invalid-option" })],
    });
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

  it("is called once while its promise is pending, and again afterwards (AUT-9)", async () => {
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

  /** As {@link deferred}, for one that says what it was asked for. */
  function told() {
    const { auth, calls, give } = deferred();
    const got: unknown[] = [];
    const answers: Record<string, Answer> = {};
    const ask = (name: string, changes: Partial<Asker> = {}): (() => void) =>
      askForAuth(
        auth,
        asker({
          ...changes,
          done(answer) {
            answers[name] = answer;
            got.push([name, answer.data]);
          },
          failed: ({ code }) => got.push([name, code]),
        }),
      );
    const reasons = (): string[] => calls.map(({ reason }) => reason);
    return { auth, calls, reasons, give, got, answers, ask };
  }

  it("is called anew after a refusal, though others have got the same stale data later (AUT-10)", async () => {
    const { reasons, give, got, answers, ask } = told();
    ask("a");
    await give({ token: "old" });
    ask("b");
    await give({ token: "old" });
    ask("a", { reason: "refused", refused: answers["a"] });
    ask("b", { reason: "refused", refused: answers["b"] });
    await give({ token: "new" });
    expect(reasons()).toEqual(["connect", "connect", "refused"]);
    expect(got.slice(2)).toEqual([
      ["a", { token: "new" }],
      ["b", { token: "new" }],
    ]);
  });

  it("has one promise at a time: who was refused waits for the next, which all share (AUT-10)", async () => {
    const { reasons, give, got, answers, ask } = told();
    for (const name of ["a", "b"]) ask(name);
    await give({ token: "old" });
    ask("c", { reason: "reconnect" });
    for (const name of ["a", "b"]) ask(name, { reason: "refused", refused: answers[name] });
    expect(reasons()).toEqual(["connect", "reconnect"]);
    await give({ token: "old" });
    expect(reasons()).toEqual(["connect", "reconnect", "refused"]);
    await give({ token: "new" });
    expect(got.slice(2)).toEqual([
      ["c", { token: "old" }],
      ["a", { token: "new" }],
      ["b", { token: "new" }],
    ]);
  });

  it("is called for a reauth that was asked for later than the pending call, and once for those of one task (AUT-31)", async () => {
    const { reasons, give, got, ask } = told();
    ask("a");
    for (const name of ["b", "c"]) ask(name, { reason: "reauth" });
    await give({ token: "old" });
    ask("d", { reason: "reauth" });
    await give({ token: "new" });
    await give({ token: "newer" });
    expect(reasons()).toEqual(["connect", "reauth", "reauth"]);
    expect(got).toEqual([
      ["a", { token: "old" }],
      ["b", { token: "new" }],
      ["c", { token: "new" }],
      ["d", { token: "newer" }],
    ]);
  });

  it("is not called for those who left before the next call began, nor are its signals mixed up", async () => {
    const { calls, reasons, give, got, ask } = told();
    ask("a");
    ask("b", { reason: "reauth" })();
    await give({ token: "old" });
    expect(reasons()).toEqual(["connect"]);
    ask("c", { reason: "reauth" })();
    ask("d", { reason: "reauth", attempt: 4 });
    await give({});
    expect(calls.map(({ reason, attempt, signal }) => [reason, attempt, signal.aborted])).toEqual([
      ["connect", 1, false],
      ["reauth", 4, false],
    ]);
    await give({ token: "new" });
    expect(got.at(-1)).toEqual(["d", { token: "new" }]);
  });

  it("brings after a loss what counts for who was refused before, but nothing that is older than what it has brought since", async () => {
    const { reasons, give, got, answers, ask } = told();
    ask("a");
    await give({ token: "old" });
    const refusal = { reason: "refused", refused: answers["a"] } as const;
    ask("a", refusal)();
    ask("b", { reason: "reauth" });
    await Promise.resolve();
    expect(reasons()).toEqual(["connect", "refused", "reauth"]);
    await give({ token: "late" });
    ask("a", refusal);
    await give({ token: "newest" });
    ask("a", refusal);
    expect(got.slice(1)).toEqual([
      ["a", { token: "late" }],
      ["b", { token: "newest" }],
      ["a", { token: "newest" }],
    ]);
  });

  it("is asked itself, though it has answered others, when what was refused is of another function", async () => {
    const { reasons, give, got, answers, ask } = told();
    const other = told();
    for (const one of [other, { give, ask }]) {
      one.ask("a");
      await one.give({ token: "old" });
    }
    ask("a", { reason: "refused", refused: answers["a"] });
    await give({ token: "of a refusal" });
    ask("b", { reason: "refused", refused: other.answers["a"] });
    await give({ token: "new" });
    expect([reasons(), got.at(-1)]).toEqual([
      ["connect", "refused", "refused"],
      ["b", { token: "new" }],
    ]);
  });

  it("tells all of a failure, and is called again for who waits", async () => {
    let fail = (_cause: unknown): void => {};
    const reasons: string[] = [];
    const auth: Auth = ({ reason }) => {
      reasons.push(reason);
      return new Promise((_resolve, reject) => (fail = reject));
    };
    const failed = vi.fn();
    const waits = vi.fn();
    for (let index = 0; index < 2; index++) askForAuth(auth, asker({ failed }));
    askForAuth(auth, asker({ reason: "reauth", failed: waits }));
    fail(error);
    for (let tick = 0; tick < 5; tick++) await Promise.resolve();
    expect([failed.mock.calls.length, waits.mock.calls.length, reasons]).toEqual([
      2,
      0,
      ["connect", "reauth"],
    ]);
  });

  it("is told by its signal when the last one leaves, and is then called anew (AUT-11)", async () => {
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

  it("has the socket as `this` (AUT-7)", () => {
    const self = {};
    const seen: unknown[] = [];
    askForAuth(function (this: unknown) {
      seen.push(this);
      return {};
    }, asker({ self }));
    expect(seen).toEqual([self]);
  });

  it("is called for each when it uses its callback, as in socket.io-client (AUT-12)", () => {
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

  it.each([["token"], [5], [true], [["a"]]])("refuses %j (AUT-5)", (data) => {
    expect(() => checkAuth(data)).toThrow(expect.objectContaining({ code: "invalid-option" }));
  });
});

import { describe, expectTypeOf, it } from "vitest";
import { type Auth, type AuthReason, io } from "../../src/index.js";

class Credentials {
  token = "";
}

interface Token {
  token: string;
  expires?: number;
}

declare const token: Token;
declare const record: Record<string, unknown>;
declare const loose: { [key: string]: any };
declare const perhaps: { token: string } | undefined;
/** As in the types of socket.io-client. */
declare const stock: (cb: (data: object) => void) => void;
declare const untyped: (...args: any[]) => any;

describe("auth", () => {
  it("is an object of any type (TYP-15)", () => {
    expectTypeOf<Token>().toExtend<Auth>();
    const objects: Auth[] = [token, record, loose, new Credentials(), {}, { token: "t" }];
    const socket = io("", { auth: { token: "t" } });
    for (const auth of objects) socket.auth = auth;
    // @ts-expect-error a text is no object
    io("", { auth: "token" });
    // @ts-expect-error nor is a number
    socket.auth = 5;
  });

  it("is a function that returns one, or a promise of one, or of no data (TYP-15)", () => {
    io("", {
      auth: async ({ reason, attempt, signal }) => {
        expectTypeOf(reason).toEqualTypeOf<AuthReason>();
        expectTypeOf(attempt).toBeNumber();
        expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
        return Promise.resolve({ reason });
      },
    });
    const functions: Auth[] = [
      () => token,
      () => new Credentials(),
      () => perhaps,
      () => null,
      async () => Promise.resolve(token),
      async () => Promise.resolve(null),
      async () => {},
      ({ reason }) => (reason === "connect" ? { a: 1 } : Promise.resolve({ b: 2 })),
      untyped,
    ];
    io("", { auth: functions[0] as Auth });
  });

  it("is a function with a callback, whatever it returns beside", () => {
    const functions: Auth[] = [
      stock,
      (give) => give({ token: 1 }),
      (give) => setTimeout(() => give({}), 5),
      (give) => [{}].push(give) > 0,
      async (give) => give({}),
      (give) => void Promise.resolve().then(() => give({})),
    ];
    io("", { auth: functions[0] as Auth });
    // @ts-expect-error a text is no data
    io("", { auth: (give) => give("token") });
  });

  it("is no function that gives a text or a number (TYP-15)", () => {
    // @ts-expect-error a text
    io("", { auth: () => "token" });
    // @ts-expect-error beside a callback
    io("", { auth: (_give) => "token" });
    // @ts-expect-error of a promise
    io("", { auth: async () => Promise.resolve("token") });
    // @ts-expect-error having read why it is asked
    io("", { auth: async ({ reason }) => Promise.resolve(reason) });
    // @ts-expect-error perhaps a text
    io("", { auth: async () => Promise.resolve(Math.random() > 0.5 ? { token } : "token") });
    // @ts-expect-error a number
    io("", { auth: async () => Promise.resolve(5) });
    // @ts-expect-error a boolean
    io("").auth = async () => Promise.resolve(false);
  });
});

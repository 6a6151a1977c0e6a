import { Manager } from "socket.io-client";
import { describe, expect, it } from "vitest";
import { TautlineError } from "../../../src/errors.js";
import { checkOption, checkOptions } from "../../../src/options/check-options.js";

function refusal(act: () => unknown): TautlineError {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(TautlineError);
    return error as TautlineError;
  }
  throw new Error("nothing was thrown");
}

const DELAYS = [
  "reconnectionDelay",
  "reconnectionDelayMax",
  "minUptime",
  "probeTimeout",
  "fallbackDelay",
  "requestTimeout",
  "ackTimeout",
  "timeout",
  "ttl",
];
const COUNTS = ["reconnectionAttempts", "retries", "maxAttachments", "maxPackets", "maxBytes"];
const OTHERS = ["randomizationFactor", "maxPacketsPerRequest"];
const parser = { Encoder: class {}, Decoder: class {} };

describe("checkOptions", () => {
  it.each([...DELAYS, ...COUNTS, ...OTHERS])(
    "refuses a %s that is no number, or a negative one, with name and value (OPT-1)",
    (name) => {
      for (const value of [NaN, -1, -Infinity, "1000", true, {}, 5n]) {
        const { code, message } = refusal(() => checkOptions({ [name]: value }));
        expect([code, message]).toEqual(["invalid-option", expect.stringContaining(`\`${name}\``)]);
        expect(message).toContain(typeof value);
      }
      expect(refusal(() => checkOptions({ [name]: -17 })).message).toContain('"-17"');
    },
  );

  it.each([...DELAYS, ...COUNTS, "maxPacketsPerRequest"])("takes any other %s", (name) => {
    for (const value of [1, 0.5 + 1, 1e12, Infinity])
      expect(checkOptions({ [name]: value })).toEqual({ [name]: value });
  });

  it.each([
    ["randomizationFactor", [0, 0.5, 1], [1.5]],
    ["timeout", [false, 0], ["false"]],
    ["port", [80, "3000", 65535], [-1, 65536, "99999", "http", NaN, Symbol("80")]],
    ["path", ["/m", "m"], [5, {}]],
    ["uri", ["http://a.test"], [5, Symbol("a")]],
    ["filter", [() => true], ["a", {}]],
    ["hostname", ["a.test"], [5]],
    ["transports", [["websocket"], []], ["websocket", 5, {}]],
    ["network", [false, { subscribe: () => {} }], [{}, 5, true]],
    ["signal", [new AbortController().signal], [5, {}, Object.create(null)]],
    ["query", ["a=1", { a: 1 }], [5, "a=\ud800", { a: "\ud800" }, { "\ud800": 1 }]],
    ["auth", [{}, () => ({})], ["token", 5]],
    ["retryConnectError", [() => true], ["yes", 5, {}]],
    ["listener", [() => {}], ["f", 5, {}]],
    ["parser", [parser], ["msgpack", 5]],
    ["delivery", [{ createPolicy: () => {} }], ["at-least-once", "exactly-once", {}, 5]],
    ["buffer", [{}, { maxPackets: 5, ttl: 0 }], [5, { maxPackets: -1 }, { ttl: "1" }]],
  ] as [string, unknown[], unknown[]][])("%s: takes %j, and refuses %j", (name, right, wrong) => {
    for (const value of right) expect(checkOptions({ [name]: value })).toEqual({ [name]: value });
    for (const value of wrong)
      expect(refusal(() => checkOptions({ [name]: value })).code).toBe("invalid-option");
  });

  it("names the import that a way of delivery takes (OPT-6)", () => {
    const { message } = refusal(() => checkOptions({ delivery: "at-least-once" }));
    expect(message).toContain("import { atLeastOnce, exactlyOnce }");
    expect(message).toContain('"tautline/delivery"');
  });

  it("takes undefined and null for the default, whatever it is (OPT-2)", () => {
    for (const name of [...DELAYS, ...COUNTS, ...OTHERS, "path", "query", "parser", "anything"])
      for (const value of [undefined, null]) expect(checkOptions({ [name]: value })).toEqual({});
  });

  describe("with falsy values", () => {
    it.each([
      ["reconnectionAttempts", 0],
      ["reconnectionDelayMax", 0],
      ["path", ""],
      ["hostname", ""],
      ["port", 0],
      ["port", ""],
      ["query", ""],
      ["auth", false],
      ["parser", false],
      ["retries", 0],
    ])("takes %s: %j for the default, as the reference client does (OPT-3)", (name, value) => {
      expect(checkOptions({ [name]: value })).toEqual({});
    });

    it.each([
      ["randomizationFactor", 0],
      // none, where the reference client takes it for 1000 (docs/migrating.md)
      ["reconnectionDelay", 0],
      ["timeout", 0],
      ["timeout", false],
      ["minUptime", 0],
      ["fallbackDelay", 0],
      ["requestTimeout", 0],
      ["ackTimeout", 0],
      ["maxAttachments", 0],
      ["network", false],
    ])("leaves %s: %j", (name, value) => {
      expect(checkOptions({ [name]: value })).toEqual({ [name]: value });
    });

    it("comes to what the reference client makes of them", () => {
      for (const value of [0, 1, 7]) {
        const names = [
          "reconnectionAttempts",
          "reconnectionDelayMax",
          "randomizationFactor",
          "timeout",
        ] as const;
        const reference = new Manager("http://a.test", {
          autoConnect: false,
          ...Object.fromEntries(names.map((name) => [name, value > 1 ? 1 : value])),
        });
        const defaults = {
          reconnectionAttempts: Infinity,
          reconnectionDelayMax: 5000,
          randomizationFactor: 0.5,
          timeout: 20_000,
        };
        for (const name of names) {
          const given = { [name]: value > 1 ? 1 : value };
          expect([name, { ...defaults, ...checkOptions(given) }[name]]).toEqual([
            name,
            reference[name](),
          ]);
        }
      }
    });
  });

  it("leaves alone what it doesn't know, and the options that it was given (OPT-5)", () => {
    const options = { reconnectionAttempts: 0, forceNew: 1, mine: NaN, upgrade: false };
    expect(checkOptions(options)).toEqual({ forceNew: 1, mine: NaN, upgrade: false });
    expect(options.reconnectionAttempts).toBe(0);
  });

  it("looks at own properties only (OPT-14)", () => {
    const inherited = { reconnectionDelay: NaN, each: () => undefined };
    const options = Object.assign(Object.create(inherited) as object, { timeout: 5 });
    expect(checkOptions(options)).toEqual({ timeout: 5 });
    Object.assign(Object.prototype, inherited);
    try {
      expect(checkOptions({ timeout: 5 })).toEqual({ timeout: 5 });
    } finally {
      for (const name in inherited) Reflect.deleteProperty(Object.prototype, name);
    }
  });
});

describe("checkOption", () => {
  it("takes 0 for 0", () => {
    for (const name of DELAYS) expect(() => checkOption(name, 0)).not.toThrow();
  });

  it("takes undefined for none, and false for no timeout", () => {
    expect(() => checkOption("ttl", undefined)).not.toThrow();
    expect(() => checkOption("timeout", false)).not.toThrow();
    expect(() => checkOption("ttl", false)).toThrow(TautlineError);
  });

  it.each([NaN, -1, "5", null])("refuses %j", (value) => {
    expect(refusal(() => checkOption("reconnectionDelay", value)).message).toContain(
      "`reconnectionDelay`",
    );
  });
});

import { describe, expect, it } from "vitest";
import { TautlineError } from "../../src/errors.js";
import {
  bracketed,
  formatQuery,
  isLoopback,
  normalisePath,
  parseEndpoint,
  parseQuery,
} from "../../src/url.js";
import { seeded } from "../../src/test-kit/seeded.js";

const page = { protocol: "https:", host: "app.test:8443" };

describe("parseEndpoint", () => {
  it.each([
    ["http://a.test", "http://a.test:80", "/"],
    ["https://a.test", "https://a.test:443", "/"],
    ["wss://a.test", "https://a.test:443", "/"],
    ["HTTPS://A.Test/Chat", "https://a.test:443", "/Chat"],
    ["http://a.test:80/x/y", "http://a.test:80", "/x/y"],
    ["http://user:secret@a.test/n", "http://a.test:80", "/n"],
    ["http://a.test/n#part?x=1", "http://a.test:80", "/n"],
    ["http://[::1]:3000/n", "http://[::1]:3000", "/n"],
    ["https://[2001:DB8::1]", "https://[2001:db8::1]:443", "/"],
    ["a.test/n", "https://a.test:443", "/n"],
    ["a.test:99", "https://a.test:99", "/"],
    ["//b.test/n", "https://b.test:443", "/n"],
    ["http://a.test:", "http://a.test:80", "/"],
    ["https://a.test:/n", "https://a.test:443", "/n"],
    ["//b.test:", "https://b.test:443", "/"],
    ["b.test:/n", "https://b.test:443", "/n"],
    ["http://[::1]:/n", "http://[::1]:80", "/n"],
    ["::1", "https://[::1]:443", "/"],
    ["http://::1/n", "http://[::1]:80", "/n"],
    ["http://a.test:08080", "http://a.test:8080", "/"],
    ["http://a.test\\n\\m", "http://a.test:80", "/n/m"],
    ["http:\\\\a.test\\n?x=\\", "http://a.test:80", "/n"],
    ["  http://a.test/n\n", "http://a.test:80", "/n"],
    ["http://a_b.test", "http://a_b.test:80", "/"],
    ["http://user:p@ss@a.test/n", "http://a.test:80", "/n"],
    ["http://\u00e9.test", "http://\u00e9.test:80", "/"],
    ["http://a.test/a b,c", "http://a.test:80", "/a b,c"],
  ])("takes %s apart (ADR-1)", (address, origin, path) => {
    const endpoint = parseEndpoint(address, undefined);
    expect([endpoint.origin, endpoint.path]).toEqual([origin, path]);
  });

  it("has an IPv6 host name without brackets", () => {
    expect(parseEndpoint("http://[::1]:1", undefined).hostname).toBe("::1");
  });

  it("decodes the query", () => {
    const { query, path } = parseEndpoint("http://a.test/n?a=1&b=%20&c#d=2", undefined);
    expect(query).toEqual({ a: "1", b: " ", c: "" });
    expect(path).toBe("/n");
  });

  describe("on a page", () => {
    it.each([
      [undefined, "https://app.test:8443", "/"],
      ["/chat", "https://app.test:8443", "/chat"],
      ["/chat?x=1", "https://app.test:8443", "/chat"],
      ["//b.test", "https://b.test:443", "/"],
      ["b.test/n", "https://b.test:443", "/n"],
      ["", "https://app.test:8443", "/"],
      ["?x=1", "https://app.test:8443", "/"],
      ["#part", "https://app.test:8443", "/"],
      ["\\chat", "https://app.test:8443", "/chat"],
      ["//b.test:", "https://b.test:443", "/"],
    ])("takes %j relative to it (ADR-2)", (address, origin, path) => {
      const endpoint = parseEndpoint(address, page);
      expect([endpoint.origin, endpoint.path]).toEqual([origin, path]);
    });

    it("takes the query of an address that has nothing else", () => {
      expect(parseEndpoint("?x=1&y", page).query).toEqual({ x: "1", y: "" });
    });

    it.each(["file:", "about:", "blob:", "data:"])(
      "of %s takes others' addresses as https",
      (protocol) => {
        const local = { protocol, host: "" };
        expect(parseEndpoint("//b.test", local).origin).toBe("https://b.test:443");
        expect(parseEndpoint("b.test/n", local).origin).toBe("https://b.test:443");
        expect(parseEndpoint(undefined, local)).toMatchObject({ origin: "", hostname: "" });
        expect(parseEndpoint("/n", local)).toMatchObject({ origin: "", path: "/n" });
      },
    );

    it("takes the page's protocol (ADR-3)", () => {
      const insecure = { protocol: "http:", host: "app.test" };
      expect(parseEndpoint("//b.test", insecure).origin).toBe("http://b.test:80");
    });
  });

  describe("where there is no address in it", () => {
    it.each([
      "ftp://a.test",
      "http://",
      "https://:80",
      "file:///x",
      "http:///n",
      "mailto://x@y",
      "foo bar",
      "http://foo bar/n",
      "http://a.test:99999",
      "a.test:65536",
      "http://a.test:80x",
      "http://a<b>.test",
      "http://[::1",
      "http://[foo]",
      "http://a%20b.test",
    ])("refuses %s, quoting it (OPT-12)", (address) => {
      const attempt = () => parseEndpoint(address, undefined);
      expect(attempt).toThrow(TautlineError);
      expect(attempt).toThrow(
        expect.objectContaining({
          code: "invalid-option",
          message: expect.stringContaining(address),
        }),
      );
    });
  });

  it.each([
    [undefined, "/", {}],
    ["", "/", {}],
    ["/n", "/n", {}],
    ["?x=1", "/", { x: "1" }],
    ["/n?x=1#y", "/n", { x: "1" }],
  ])("knows of %j without a page all but the host", (address, path, query) => {
    const nowhere = { hostname: "", origin: "", path, query };
    expect(parseEndpoint(address, undefined)).toMatchObject(nowhere);
  });
});

describe("parseQuery", () => {
  it("takes the first = as the separator, and a leading ? away", () => {
    expect(parseQuery("?a=b=c&d")).toEqual({ a: "b=c", d: "" });
  });

  it("keeps what isn't percent-encoding as it stands", () => {
    expect(parseQuery("a=%zz&%=1")).toEqual({ a: "%zz", "%": "1" });
  });

  it("has nothing of an empty query", () => {
    expect(parseQuery("")).toEqual({});
    expect(parseQuery("&&=1")).toEqual({});
  });

  it("leaves prototypes alone", () => {
    const query = parseQuery("__proto__=x&constructor=y");
    expect(Object.getPrototypeOf(query)).toBe(Object.prototype);
    expect(query["constructor"]).toBe("y");
  });
});

describe("formatQuery", () => {
  it("encodes, in the order of insertion", () => {
    expect(formatQuery({ b: "x y", a: 1, "k&": "v=" })).toBe("b=x%20y&a=1&k%26=v%3D");
  });

  it("leaves undefined and null out (CON-23)", () => {
    expect(formatQuery({ a: undefined, b: null, c: false, d: 0, e: "" })).toBe("c=false&d=0&e=");
  });

  it.each([
    ["a lone surrogate", { a: "\ud800" }],
    ["a lone surrogate in a name", { "\udc00": 1 }],
    ["what has no text", { a: Object.create(null) as unknown }],
  ])("refuses %s", (_what, query) => {
    expect(() => formatQuery(query)).toThrow(expect.objectContaining({ code: "invalid-option" }));
  });

  it("is undone by parseQuery", () => {
    const query = { "ä&=": "ö?#", empty: "", plus: "a+b" };
    expect(parseQuery(formatQuery(query))).toEqual(query);
  });
});

describe("normalisePath", () => {
  it.each([
    [undefined, "/socket.io"],
    ["", "/socket.io"],
    ["/m/socket.io", "/m/socket.io"],
    ["m/socket.io", "/m/socket.io"],
    ["/", "/"],
    ["/m/", "/m/"],
  ])("makes %j %j", (path, expected) => {
    expect(normalisePath(path)).toBe(expected);
  });
});

describe("parseEndpoint beside URL", () => {
  it("agrees on 5,000 ordinary addresses", () => {
    const random = seeded(11);
    const below = (limit: number) => Math.floor(random() * limit);
    const one = <T>(...values: T[]): T => values[below(values.length)] as T;
    const word = () =>
      Array.from({ length: 1 + below(8) }, () => one(..."abcxyzABC0189-_".split(""))).join("");
    for (let round = 0; round < 5000; round++) {
      const host = one(
        `a${word()}.${word()}.test`,
        `x${word()}`,
        "localhost",
        `10.${below(256)}.0.${below(256)}`,
        "[::1]",
        `[2001:db8::${below(9999)}]`,
      );
      const address = [
        one("http://", "https://", "ws://", "wss://", "HTTP://"),
        one("", "", "", `${word()}@`, `${word()}:${word()}@`),
        host,
        one("", "", ":", `:${below(65536)}`, ":80", ":443", `:0${below(999)}`),
        one("", "/", `/${word()}`, `/${word()}/${word()}/`, `\\${word()}`),
        one("", "", "?", `?${word()}=${word()}&${word()}`, `?a=%20b&c=\\`),
        one("", "", "#", `#${word()}?x`),
      ].join("");
      const { secure, hostname, port, path, query } = parseEndpoint(address, page);
      const url = new URL(address);
      expect({
        address,
        secure,
        hostname: bracketed(hostname).toLowerCase(),
        port,
        path,
        query,
      }).toEqual({
        address,
        secure: /^(https|wss):$/.test(url.protocol),
        hostname: url.hostname,
        port: url.port || (secure ? "443" : "80"),
        path: url.pathname,
        query: Object.fromEntries(url.searchParams),
      });
    }
  });
});

describe("bracketed", () => {
  it("brackets IPv6 addresses only", () => {
    expect([bracketed("::1"), bracketed("a.test"), bracketed("127.0.0.1")]).toEqual([
      "[::1]",
      "a.test",
      "127.0.0.1",
    ]);
  });
});

describe("isLoopback", () => {
  it.each([
    "localhost",
    "LOCALHOST",
    "a.localhost",
    "localhost.",
    "127.0.0.1",
    "127.1",
    "127.9.9.9",
    "::1",
    "[::1]",
  ])("knows %s", (hostname) => {
    expect(isLoopback(hostname)).toBe(true);
  });

  it.each(["localhost.test", "notlocalhost", "128.0.0.1", "127.0.0.1.test", "::2", "", "10.0.0.1"])(
    "takes %j for another machine",
    (hostname) => {
      expect(isLoopback(hostname)).toBe(false);
    },
  );
});

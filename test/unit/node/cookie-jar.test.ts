import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { CookieJar } from "../../../src/node/cookie-jar.js";
import { jarOf, withCookies } from "../../../src/node/credentials.js";
import { optionsFor } from "../../contract/transport-contract.js";

const PATH = "/socket.io/";

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) });
  onTestFinished(() => void vi.useRealTimers());
});

/** What is sent back to app.example.com after these answers. */
function kept(lines: string[], { secure = true, path = PATH, host = "App.Example.com" } = {}) {
  const jar = new CookieJar(host, secure);
  jar.store(lines, PATH);
  return jar.header(path);
}

describe("CookieJar", () => {
  it.each([
    ["a pair", ["a=1"], "a=1"],
    ["several, in the order in which they came", ["a=1", "b=2"], "a=1; b=2"],
    ["quotes and equals signs as they are", ['a="x=y"'], 'a="x=y"'],
    ["no value", ["a="], "a="],
    ["what came last of one name", ["a=1", "a=2"], "a=2"],
    ["spaces around it", ["  a = 1 ; Path = / "], "a=1"],
    ["attributes that it does not know", ["a=1; HttpOnly; SameSite=Lax; Priority=High"], "a=1"],
  ])("sends back %s", (_what, lines, header) => {
    expect(kept(lines)).toBe(header);
  });

  it.each([
    ["without an equals sign", "a"],
    ["without a name", "=1"],
    ["with control characters", "a=1\r\nX-Evil: 1"],
    ["that is too large", `a=${"x".repeat(4096)}`],
    ["of another domain", "a=1; Domain=example.org"],
    ["of a domain below", "a=1; Domain=x.app.example.com"],
    ["of what only looks like its domain", "a=1; Domain=p.example.com"],
    ["of another path", "a=1; Path=/admin"],
    ["of what only looks like its path", "a=1; Path=/sock"],
    ["that has expired", "a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT"],
    ["whose age is 0", "a=1; Max-Age=0"],
    ["whose age is negative", "a=1; Max-Age=-5; Expires=Fri, 01 Jan 2027 00:00:00 GMT"],
    ["called secure that is not", "__Secure-a=1"],
    ["of one host that has a domain", "__Host-a=1; Secure; Path=/; Domain=app.example.com"],
    ["of one host that has a path", "__Host-a=1; Secure; Path=/socket.io"],
  ])("leaves out one %s (NOD-10)", (_what, line) => {
    expect(kept([line])).toBe("");
  });

  it.each([
    ["its domain", "a=1; Domain=example.com"],
    ["its domain with a dot, in capitals", "a=1; domain=.EXAMPLE.com"],
    ["an empty domain", "a=1; Domain="],
    ["the path of the server", "a=1; Path=/socket.io"],
    ["a path that is none", "a=1; Path=socket.io"],
    ["an age that can't be read", "a=1; Max-Age=soon"],
    ["a date that can't be read", "a=1; Expires=tomorrow"],
    ["an age that beats the date", "a=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT"],
  ])("keeps one with %s (NOD-10)", (_what, line) => {
    expect(kept([line])).toBe("a=1");
  });

  it.each([
    ["http://", false, ""],
    ["https://", true, "a=1; __Host-b=2"],
  ])("keeps what is secure over %s (NOD-10)", (_scheme, secure, header) => {
    expect(kept(["a=1; Secure", "__Host-b=2; Secure; Path=/"], { secure })).toBe(header);
  });

  it("takes this machine for secure, as browsers do", () => {
    expect(kept(["a=1; Secure"], { secure: false, host: "localhost" })).toBe("a=1");
  });

  it("takes no part of an IP address for a domain", () => {
    expect(kept(["a=1; Domain=0.0.1", "b=2; Domain=10.0.0.1"], { host: "10.0.0.1" })).toBe("b=2");
  });

  it("sends the longer path first", () => {
    expect(kept(["a=1; Path=/", "a=2; Path=/socket.io"])).toBe("a=2; a=1");
  });

  it("gives the folder of the request as path to one that names none", () => {
    const jar = new CookieJar("a.test", true);
    jar.store(["a=1"], "/socket.io/");
    expect(["/socket.io", "/socket.io/x", "/other"].map((path) => jar.header(path))).toEqual([
      "a=1",
      "a=1",
      "",
    ]);
  });

  it("forgets what has expired, and what the server takes back (NOD-10)", () => {
    const jar = new CookieJar("a.test", true);
    jar.store(["a=1; Max-Age=60", "b=2", "c=3; Expires=Thu, 01 Jan 2026 00:01:00 GMT"], PATH);
    vi.setSystemTime(Date.UTC(2026, 0, 1, 0, 0, 59));
    expect(jar.header(PATH)).toBe("a=1; b=2; c=3");
    vi.setSystemTime(Date.UTC(2026, 0, 1, 0, 1, 0));
    expect(jar.header(PATH)).toBe("b=2");
    jar.store(["b=; Max-Age=0"], PATH);
    expect(jar.header(PATH)).toBe("");
  });

  it("keeps the 50 youngest (NOD-9)", () => {
    const lines = Array.from({ length: 60 }, (_, index) => `n${index}=1`);
    const sent = kept(lines).split("; ");
    expect([sent.length, sent[0], sent[49]]).toEqual([50, "n10=1", "n59=1"]);
  });

  it("keeps no more of thousands, and loses none that is set again each time", () => {
    const jar = new CookieJar("a.test", true);
    for (let i = 0; i < 5000; i++)
      jar.store([`node=${i}`, `n${i}=1`, `p=1; Path=/${i}`, `d${i}=1; Domain=a.test`], PATH);
    const sent = jar.header(PATH).split("; ");
    expect(sent).toContain("node=4999");
    expect(sent.length).toBeLessThanOrEqual(50);
    // those of other paths count too
    for (let i = 0; i < 5000; i++) jar.store([`p=1; Path=/${i}`], PATH);
    expect([jar.header(PATH), jar.header("/4950"), jar.header("/4949")]).toEqual(["", "p=1", ""]);
  });
});

describe("The cookies of a manager", () => {
  const owner = {};
  const options = (more = {}) =>
    optionsFor("polling", 80, { owner, hostname: "a.test", withCredentials: true, ...more });

  it("are shared by its transports, and by nobody else (NOD-8)", () => {
    jarOf(options())?.store(["a=1"], PATH);
    expect(jarOf(options())?.header(PATH)).toBe("a=1");
    expect(jarOf(options({ owner: {} }))?.header(PATH)).toBe("");
  });

  it.each([
    ["host", { hostname: "b.test" }],
    ["port", { port: "81" }],
    ["scheme", { secure: true }],
  ])("are of one %s", (_what, more) => {
    expect(jarOf(options(more))?.header(PATH)).toBe("");
  });

  it("are not kept without withCredentials (NOD-7)", () => {
    expect(jarOf(options({ withCredentials: false }))).toBeUndefined();
  });

  it("stand behind those of the app", () => {
    const jar = jarOf(options());
    expect(withCookies({ cookie: "mine=1" }, jar, PATH)).toEqual({ cookie: "mine=1; a=1" });
    expect(withCookies({ "x-a": "1" }, jar, PATH)).toEqual({ "x-a": "1", Cookie: "a=1" });
    expect(withCookies({ "x-a": "1" }, jar, "/elsewhere")).toEqual({ "x-a": "1" });
  });
});

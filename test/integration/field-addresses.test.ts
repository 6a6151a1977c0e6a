import { describe, expect, it } from "vitest";
import { io, Manager, type Socket } from "../../src/index.js";
import { client, connected, serve, settled } from "../support/harness.js";
import { nextError, running, stubGlobal, thrownBy } from "../support/field.js";
import { closedPort } from "../support/servers.js";

/** Takes note of the addresses that are asked for, and connects to none. */
function recorder() {
  const urls: string[] = [];
  class Silent {
    binaryType = "arraybuffer";
    readyState = 0;
    onopen = null;
    onmessage = null;
    onerror = null;
    onclose = null;
    constructor(url: string) {
      urls.push(url);
    }
    send(): void {}
    close(): void {}
  }
  const options = {
    transports: ["websocket" as const],
    transportOptions: { websocket: { WebSocket: Silent } },
    forceNew: true,
  };
  return { urls, options };
}

const page = {
  protocol: "http:",
  host: "page.test:8080",
  hostname: "page.test",
  port: "8080",
  href: "http://page.test:8080/x",
};

/** Where a client goes that is made in this way: without the query that each connection has. */
function visit(make: (options: object) => Socket<any, any, any> | Manager): string {
  const { urls, options } = recorder();
  const made = make(options);
  const manager = made instanceof Manager ? made : (made.io as Manager);
  manager._close();
  return (urls[0] ?? "nowhere").replace(/[?&](EIO|transport)=[^&]*/g, "");
}

describe("An address on a page", () => {
  // as socket.io-client 4.8.4 reads them
  it.each([
    ["", "ws://page.test:8080/socket.io/", "/"],
    ["?x=1", "ws://page.test:8080/socket.io/?x=1", "/"],
    ["/nsp", "ws://page.test:8080/socket.io/", "/nsp"],
    ["http://host:", "ws://host/socket.io/", "/"],
    ["http://host:/nsp", "ws://host/socket.io/", "/nsp"],
    ["https://host:", "wss://host/socket.io/", "/"],
    ["//host:", "ws://host/socket.io/", "/"],
    ["//host:1/nsp", "ws://host:1/socket.io/", "/nsp"],
    ["host:1", "ws://host:1/socket.io/", "/"],
    ["http://[::1]:1", "ws://[::1]:1/socket.io/", "/"],
  ])("%j is read as in the reference (ADR-2)", (address, url, nsp) => {
    stubGlobal("location", page);
    let namespace = "";
    const visited = visit((options) => {
      const socket = io(address, options);
      namespace = socket.nsp;
      return socket;
    });
    expect([visited, namespace]).toEqual([url, nsp]);
  });

  it("may be an IPv6 name without brackets in the options of a manager", () => {
    stubGlobal("location", page);
    const url = visit((options) => new Manager({ ...options, hostname: "::1", port: 3000 }));
    expect(url).toBe("ws://[::1]:3000/socket.io/");
  });

  it.each([
    ["http:\\\\host:1\\nsp", "ws://host:1/socket.io/", "/nsp"],
    ["http://host:1\\nsp", "ws://host:1/socket.io/", "/nsp"],
    ["http://good.test\\@evil.test/", "ws://good.test/socket.io/", "/@evil.test/"],
  ])("%j: a backslash is what URL makes of it", (address, url, nsp) => {
    expect(new URL(address).pathname).toBe(nsp);
    let namespace = "";
    const visited = visit((options) => {
      const socket = io(address, options);
      namespace = socket.nsp;
      return socket;
    });
    expect([visited, namespace]).toEqual([url, nsp]);
  });
});

describe("An address that can't be", () => {
  it.each([
    "foo bar",
    "http://foo bar",
    "http://host:99999",
    "http://host:65536",
    "http://host:-1",
    "http://",
    "ftp://host",
    "http://ho<st",
  ])("is an invalid-option at once: %j (OPT-12)", (address) => {
    const { options } = recorder();
    expect(thrownBy(() => io(address, options))).toBe("invalid-option");
  });

  it.each([{ port: 99_999 }, { port: "abc" }, { hostname: "foo bar" }])(
    "is one in a manager's options too: %o",
    (wrong) => {
      const { options } = recorder();
      expect(thrownBy(() => new Manager({ hostname: "host", ...options, ...wrong }))).toBe(
        "invalid-option",
      );
    },
  );

  it("is one where there is no page and none is given", async () => {
    stubGlobal("location", undefined);
    const { options, urls } = recorder();
    for (const error of await Promise.all([io(options), io("", options)].map(nextError)))
      expect(error).toMatchObject({ code: "invalid-option", isFinal: true });
    expect(urls).toEqual([]);
  });
});

describe("The path", () => {
  it("without a leading slash stays on its host", () => {
    let url: unknown;
    const code = thrownBy(() => {
      url = visit((options) => io("http://host:1", { ...options, path: "m/socket.io" }));
    });
    expect(code ?? url).toSatisfy((result: unknown) =>
      ["invalid-option", "ws://host:1/m/socket.io/"].includes(result as string),
    );
  });

  it("that is empty is the default, as in the reference (ADR-5)", async () => {
    const server = await serve();
    await connected(client(server.url, { path: "" }));
  });
});

describe("The query", () => {
  it.each([{ a: "\ud800" }, { "\udfff": "a" }])(
    "with half a character is an invalid-option: %o (OPT-13)",
    (query) => {
      const { options } = recorder();
      expect(thrownBy(() => io("http://host:1", { ...options, query }))).toBe("invalid-option");
    },
  );

  it("with whole ones arrives as it is", async () => {
    const server = await serve();
    const seen: unknown[] = [];
    server.io.on("connection", ({ handshake }) => seen.push(handshake.query.a));
    await connected(client(server.url, { query: { a: "ä😀&=?#" } }));
    expect(seen).toEqual(["ä😀&=?#"]);
  });
});

describe.each([
  ["file:", { protocol: "file:", host: "", hostname: "", port: "", href: "file:///a/x.html" }],
  ["about:srcdoc", { protocol: "about:", host: "", hostname: "", port: "", href: "about:srcdoc" }],
  [
    "a Blob's worker",
    { protocol: "blob:", host: "", hostname: "", port: "", href: "blob:http://page.test/1" },
  ],
])("On a page without an http address (%s)", (_name, location) => {
  it("a failed connect is told at once, with a code", async () => {
    stubGlobal("location", { ...location, origin: "null" });
    const url = `http://127.0.0.1:${await closedPort()}`;
    const late = running(1000).then(() => ({ code: "late" }));
    const error = await Promise.race([nextError(client(url, { reconnection: false })), late]);
    expect(error.code).toBe("unreachable");
  });

  it("a server with a whole address is reached", async () => {
    const server = await serve();
    stubGlobal("location", { ...location, origin: "null" });
    await settled(client(server.url), { settles: "websocket" });
  });

  it("no address is an invalid-option", async () => {
    stubGlobal("location", { ...location, origin: "null" });
    const { options, urls } = recorder();
    for (const error of await Promise.all(
      [io(options), io("/nsp", options), io("?a=1", options)].map(nextError),
    ))
      expect(error).toMatchObject({ code: "invalid-option", isFinal: true });
    expect(urls).toEqual([]);
  });
});

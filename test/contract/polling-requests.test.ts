import { JSDOM } from "jsdom";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { httpCarrier } from "../../src/node/http-carrier.js";
import { Fetch, Polling, XHR } from "../../src/transports/polling.js";
import {
  deaf,
  type TransportFailure,
  type TransportOptions,
} from "../../src/transports/transport.js";
import { PollingPeer } from "../support/polling-peer.js";
import { optionsFor } from "./transport-contract.js";

const until = (condition: () => boolean): Promise<void> =>
  vi.waitFor(() => expect(condition()).toBe(true), { timeout: 9000, interval: 2 });

/** What Node's form of the library uses where the options ask for it. */
class Http extends Polling {
  constructor(options: TransportOptions) {
    super(options, httpCarrier);
  }
}

const carriers = [
  { name: "fetch", Class: Fetch, reading: "fetch read error", writing: "fetch write error" },
  {
    name: "node:http",
    Class: Http,
    reading: "http poll error",
    writing: "http post error",
  },
  { name: "XMLHttpRequest", Class: XHR, reading: "xhr poll error", writing: "xhr post error" },
];

describe.each(carriers)("Polling over $name", ({ Class, reading, writing }) => {
  async function begin(options: Partial<TransportOptions> = {}) {
    const peer = await PollingPeer.listen();
    const { window } = new JSDOM("", { url: `http://127.0.0.1:${peer.port}/` });
    vi.stubGlobal("XMLHttpRequest", window.XMLHttpRequest);
    onTestFinished(() => {
      vi.unstubAllGlobals();
      window.close();
    });
    const transport = new Class(optionsFor("polling", peer.port, options));
    const heard: string[] = [];
    const failures: TransportFailure[] = [];
    transport.sink = {
      opened() {},
      text: (packet) => heard.push(packet),
      binary() {},
      drained: () => heard.push("drained"),
      closed: (failure) => failures.push(failure),
    };
    peer.say("0{}");
    transport.open();
    return { peer, transport, heard, failures };
  }

  async function open(options: Partial<TransportOptions> = {}) {
    const begun = await begin(options);
    await until(() => begun.heard.length === 1);
    return begun;
  }

  it("asks with the query in its order, and with the session once it has one", async () => {
    const { peer, transport } = await open({
      query: { token: "a b", EIO: 4, transport: "polling" },
    });
    transport.query["sid"] = "s1";
    peer.say("6");
    await until(() => peer.requests.length === 3);
    expect(peer.requests.map(({ url }) => url.replace(/t=\w{8}\b/, "t=T"))).toEqual([
      "/engine.io/?token=a%20b&EIO=4&transport=polling&t=T",
      "/engine.io/?token=a%20b&EIO=4&transport=polling&t=T",
      "/engine.io/?token=a%20b&EIO=4&transport=polling&t=T&sid=s1",
    ]);
  });

  it("uses each cache buster once, under the name that it was given, or none", async () => {
    const busted = await open({ timestampParam: "nocache" });
    for (let i = 0; i < 20; i++) {
      busted.peer.say("6");
      await until(() => busted.heard.length === i + 2);
    }
    const tokens = busted.peer.requests.map(({ url }) => /[?&]nocache=(\w{8})(&|$)/.exec(url)?.[1]);
    expect(tokens).not.toContain(undefined);
    expect(new Set(tokens).size).toBe(tokens.length);
    const plain = await open({ timestampRequests: false });
    expect(plain.peer.requests[0]?.url).toBe("/engine.io/?EIO=4&transport=polling");
  });

  it("asks for base64 on the request without a session only (CON-33)", async () => {
    const { peer, transport } = await open({ forceBase64: true });
    expect(peer.requests[0]?.url).toContain("b64=1");
    expect(transport.query["b64"]).toBe(1);
    const joining = new Class(optionsFor("polling", 1, { forceBase64: true, query: { sid: "s" } }));
    expect("b64" in joining.query).toBe(false);
  });

  it("posts plain text, with the headers of the app on every request", async () => {
    const { peer, transport } = await open({ extraHeaders: { "x-app": "yes" } });
    transport.write(["4é", Uint8Array.of(1)]);
    await until(() => peer.frames.length === 2);
    const post = peer.requests.find(({ method }) => method === "POST");
    expect(post?.headers).toMatchObject({
      "content-type": expect.stringMatching(/^text\/plain; ?charset=utf-8$/i),
      accept: "*/*",
      "x-app": "yes",
    });
    expect(peer.requests[0]?.headers).toMatchObject({ accept: "*/*", "x-app": "yes" });
  });

  it("lets the headers of the app replace its own", async () => {
    for (const accept of ["Accept", "accept", "ACCEPT"]) {
      const { peer, transport } = await open({
        extraHeaders: { [accept]: "text/plain", "CONTENT-Type": "text/x-own" },
      });
      expect(peer.requests[0]?.headers.accept).toBe("text/plain");
      transport.write(["4a"]);
      await until(() => peer.frames.length === 1);
      const post = peer.requests.find(({ method }) => method === "POST");
      expect(post?.headers["content-type"]).toBe("text/x-own");
    }
  });

  it("has one GET and one POST under way at most (TRA-36)", async () => {
    const { peer, transport, heard } = await open();
    for (let i = 0; i < 10; i++) {
      await until(() => transport.writable);
      transport.write([`4${i}`]);
      expect(transport.send("4too early")).toBe(false);
      peer.say(`4${i}`);
    }
    await until(
      () => peer.frames.length === 10 && heard.filter((h) => h !== "drained").length === 11,
    );
    expect([peer.mostGets, peer.mostPosts]).toEqual([1, 1]);
  });

  it("lets the host breathe while it hands a large payload over", async () => {
    const { peer, transport, heard } = await open();
    // a clock by which every packet takes long
    const clock = vi.spyOn(Date, "now").mockImplementation(() => 5 * heard.length);
    onTestFinished(() => clock.mockRestore());
    let turn = 0;
    const turns = new Set<number>();
    const { sink } = transport;
    transport.sink = {
      ...sink,
      text: (packet) => {
        turns.add(turn);
        sink.text(packet);
        setImmediate(() => turn++);
      },
    };
    const packets = Array.from({ length: 200 }, (_, i) => `4${i}`);
    peer.say(...packets);
    await new Promise<void>((resolve) => {
      const look = (): unknown => (heard.length > 200 ? resolve() : setImmediate(look));
      look();
    });
    expect(heard.slice(1)).toEqual(packets);
    expect(turns.size).toBeGreaterThan(3);
  });

  it("gives up a request that takes too long (CON-32)", async () => {
    const { failures, transport } = await begin({ requestTimeout: 50 });
    await until(() => failures.length === 1);
    expect(failures[0]).toMatchObject({ kind: "error", message: reading });
    expect(transport.writable).toBe(false);
  });

  it("tells status and body of a refusal", async () => {
    const { failures, peer } = await open();
    peer.end();
    await until(() => failures.length === 1);
    expect(failures[0]).toMatchObject({
      message: reading,
      status: 400,
      description: 400,
      body: '{"code":1,"message":"Session ID unknown"}',
    });
  });

  it("tells it where an app looks for it, whatever carried the request", async () => {
    const { failures, peer } = await open();
    peer.refusal = { status: 403 };
    peer.end();
    await until(() => failures.length === 1);
    expect(failures[0]?.context).toMatchObject({
      status: 403,
      statusText: "Forbidden",
      responseText: '{"code":1,"message":"Session ID unknown"}',
    });
  });

  it("tells a refused POST from a refused GET", async () => {
    const { failures, peer, transport } = await open();
    peer.refusePosts = true;
    transport.write(["4a"]);
    await until(() => failures.length === 1);
    expect(failures[0]).toMatchObject({ message: writing, status: 413 });
  });

  it("tells how long a busy server asks to wait", async () => {
    for (const [status, header, ms] of [
      [503, "3", 3000],
      [429, new Date(Date.now() + 60_000).toUTCString(), 60_000],
      [500, "3", undefined],
      [503, "soon", undefined],
      [503, undefined, undefined],
    ] as const) {
      const { failures, peer } = await open();
      peer.refusal = { status, headers: header === undefined ? {} : { "Retry-After": header } };
      peer.end();
      await until(() => failures.length === 1);
      expect(failures[0]?.status).toBe(status);
      const { retryAfter } = failures[0] as TransportFailure;
      if (ms === undefined) expect(retryAfter).toBeUndefined();
      else {
        // a date is of whole seconds, and some time has gone by since
        expect(retryAfter).toBeGreaterThan(header === "3" ? ms - 1 : ms - 20_000);
        expect(retryAfter).toBeLessThanOrEqual(ms);
      }
    }
  });

  it("asks and tells a server that has said goodbye nothing more (TRA-38)", async () => {
    const { peer, transport, heard } = await open();
    await until(() => peer.requests.length === 2);
    peer.say("4last", "1");
    await until(() => heard.includes("1"));
    transport.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect([heard.slice(1), peer.requests.length]).toEqual([["4last", "1"], 2]);
  });

  it("asks no more while it is retired, is written to all the same, and may be brought back", async () => {
    const { peer, transport, heard } = await open();
    await until(() => peer.requests.length === 2);
    expect(transport.askedAt).toBeGreaterThan(0);
    let isDone = false;
    const resume = transport.retire(() => (isDone = true));
    transport.write(["4up"]);
    await until(() => peer.frames.length === 1);
    expect(isDone).toBe(false);
    peer.say("4down");
    await until(() => isDone);
    await until(() => transport.writable);
    expect([heard.includes("4down"), peer.requests.length]).toEqual([true, 3]);
    resume?.();
    peer.say("4more");
    await until(() => heard.includes("4more"));
  });

  it("goes without a word where the session lives on elsewhere", async () => {
    const { peer, transport } = await open();
    await until(() => peer.requests.length === 2);
    transport.close(true);
    expect(transport.writable).toBe(false);
    await new Promise((resolve) => setImmediate(resolve));
    expect([peer.requests.length, peer.isGone]).toEqual([2, false]);
  });

  it("says goodbye after the POST that is under way (TRA-37)", async () => {
    const { peer, transport } = await open();
    transport.write(["4a", "41"]);
    transport.close();
    await until(() => peer.isGone);
    expect([peer.frames, peer.mostPosts]).toEqual([["4a", "41"], 1]);
  });

  it("gives back a session that it got after it was closed", async () => {
    const peer = await PollingPeer.listen();
    const { window } = new JSDOM("", { url: `http://127.0.0.1:${peer.port}/` });
    vi.stubGlobal("XMLHttpRequest", window.XMLHttpRequest);
    onTestFinished(() => {
      vi.unstubAllGlobals();
      window.close();
    });
    const transport = new Class(optionsFor("polling", peer.port));
    transport.open();
    await until(() => peer.requests.length === 1);
    transport.close();
    peer.say('0{"sid":"unwanted"}');
    await until(() => peer.isGone);
    expect(peer.requests.at(-1)?.url).toContain("sid=unwanted");
  });
});

describe("Polling over fetch, outside of a browser", () => {
  it("leaves the body of a refusal for the app to read", async () => {
    const peer = await PollingPeer.listen();
    peer.end();
    const failures: TransportFailure[] = [];
    const transport = new Fetch(optionsFor("polling", peer.port));
    transport.sink = { ...deaf, closed: (failure) => failures.push(failure) };
    transport.open();
    await until(() => failures.length === 1);
    const { context, body } = failures[0] as TransportFailure;
    expect([await (context as Response).text(), body]).toEqual(Array(2).fill(body));
    expect(body).toContain("unknown");
  });
});

describe.each([
  { name: "fetch", Class: Fetch, failure: "fetch read error" },
  { name: "node:http", Class: Http, failure: "http poll error" },
])("Polling over $name, outside of a browser", ({ Class, failure }) => {
  it.each([301, 302, 303, 307, 308])(
    "takes neither headers nor cookies to another origin: a redirect (%i) is a failure (TRA-39)",
    async (status) => {
      const elsewhere = await PollingPeer.listen();
      const peer = await PollingPeer.listen();
      const headers = {
        Location: `http://127.0.0.1:${elsewhere.port}/engine.io/`,
        "Set-Cookie": "a=1; Path=/",
      };
      peer.refusal = { status, headers };
      peer.end();
      const options = optionsFor("polling", peer.port, {
        extraHeaders: { authorization: "secret" },
        withCredentials: true,
      });
      for (let i = 1; i <= 2; i++) {
        const failures: TransportFailure[] = [];
        const transport = new Class(options);
        transport.sink = { ...deaf, closed: (lost) => failures.push(lost) };
        transport.open();
        await until(() => failures.length === 1);
        expect(failures[0]).toMatchObject({ message: failure, status });
      }
      expect([peer.requests.length, elsewhere.requests]).toEqual([2, []]);
    },
  );
});

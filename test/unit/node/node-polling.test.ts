import { describe, expect, it, onTestFinished, vi } from "vitest";
import { NodePolling } from "../../../src/node/node-polling.js";
import type { TransportOptions } from "../../../src/transports/transport.js";
import { optionsFor } from "../../contract/transport-contract.js";
import { setDispatcher } from "../../support/dispatcher.js";

const carrierOf = (options: Partial<TransportOptions> = {}) =>
  new NodePolling(optionsFor("polling", 80, options)).carrier;

class Agent {}
class ProxyAgent {}

describe("Polling in Node goes", () => {
  it.each([undefined, new Agent()])("over node:http, with %o for fetch (NOD-15)", (dispatcher) => {
    setDispatcher(dispatcher);
    expect(carrierOf()).toBe("http poll");
  });

  it("over fetch where the program has set something up for it (NOD-15)", () => {
    setDispatcher(new ProxyAgent());
    expect(carrierOf()).toBe("fetch read");
    expect(carrierOf({ agent: false, extraHeaders: { "x-a": "1" } })).toBe("fetch read");
  });

  it.each([
    { withCredentials: true },
    { autoUnref: true },
    { agent: {} },
    { ca: "" },
    { rejectUnauthorized: false },
  ])("over node:http all the same with %o (NOD-15)", (options) => {
    setDispatcher(new ProxyAgent());
    expect(carrierOf(options)).toBe("http poll");
  });

  it("over the XMLHttpRequest of a host that plays a browser", () => {
    vi.stubGlobal("XMLHttpRequest", class {});
    onTestFinished(() => void vi.unstubAllGlobals());
    expect(carrierOf({ withCredentials: true })).toBe("xhr poll");
  });
});

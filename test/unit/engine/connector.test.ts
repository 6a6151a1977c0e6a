import { afterEach, describe, expect, it, vi } from "vitest";
import { Connector } from "../../../src/engine/connector.js";
import type { EngineOptions } from "../../../src/engine/options.js";
import { hostTimers } from "../../../src/platform/browser.js";
import { XHR } from "../../../src/transports/polling.js";
import { WebSocketTransport } from "../../../src/transports/websocket.js";

const registry = { websocket: WebSocketTransport, polling: XHR };

function namesOf(options: EngineOptions): string[] {
  const connector = new Connector("http://server.test", options, registry, hostTimers());
  return connector.candidates().map(({ name }) => name);
}

describe("Connector", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  const headed = { extraHeaders: { authorization: "bearer token" } };

  it("lets WebSocket lead", () => {
    vi.stubGlobal("document", {});
    expect(namesOf({})).toEqual(["websocket", "polling"]);
  });

  describe("with headers, in a browser, whose WebSocket takes none", () => {
    it("lets polling lead", () => {
      vi.stubGlobal("document", {});
      expect(namesOf(headed)).toEqual(["polling", "websocket"]);
    });

    it("keeps to a list of the app's", () => {
      vi.stubGlobal("document", {});
      expect(namesOf({ ...headed, transports: ["websocket", "polling"] })).toEqual([
        "websocket",
        "polling",
      ]);
    });
  });

  describe("with headers, where WebSocket takes them too", () => {
    it("lets WebSocket lead", () => {
      expect(namesOf(headed)).toEqual(["websocket", "polling"]);
      vi.stubGlobal("document", {});
      vi.stubGlobal("navigator", { product: "ReactNative" });
      expect(namesOf(headed)).toEqual(["websocket", "polling"]);
    });
  });
});

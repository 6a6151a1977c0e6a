import { JSDOM } from "jsdom";
import { onTestFinished, vi } from "vitest";
import { XHR } from "../../src/transports/polling.js";
import { PollingPeer } from "../support/polling-peer.js";
import { closedPort } from "../support/servers.js";
import { itKeepsTheContract, optionsFor } from "./transport-contract.js";

/** A page of the server's own origin: CORS is another matter. */
function page(port: number): void {
  const { window } = new JSDOM("", { url: `http://127.0.0.1:${port}/` });
  vi.stubGlobal("XMLHttpRequest", window.XMLHttpRequest);
  onTestFinished(() => {
    vi.unstubAllGlobals();
    window.close();
  });
}

itKeepsTheContract({
  name: "Polling over XMLHttpRequest",
  failure: "xhr poll error",
  ending: "error",
  hasBase64: true,
  keepsLastWords: true,
  rig: async (options) => {
    const peer = await PollingPeer.listen();
    page(peer.port);
    return { transport: new XHR(optionsFor("polling", peer.port, options)), peer };
  },
  lonely: async () => {
    const port = await closedPort();
    page(port);
    return new XHR(optionsFor("polling", port));
  },
});

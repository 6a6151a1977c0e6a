import { Fetch } from "../../src/transports/polling.js";
import { PollingPeer } from "../support/polling-peer.js";
import { closedPort } from "../support/servers.js";
import { itKeepsTheContract, optionsFor } from "./transport-contract.js";

itKeepsTheContract({
  name: "Polling over fetch",
  failure: "fetch read error",
  ending: "error",
  hasBase64: true,
  keepsLastWords: true,
  rig: async (options) => {
    const peer = await PollingPeer.listen();
    return { transport: new Fetch(optionsFor("polling", peer.port, options)), peer };
  },
  lonely: async () => new Fetch(optionsFor("polling", await closedPort())),
});

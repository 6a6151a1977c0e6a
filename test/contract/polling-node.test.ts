import { NodePolling } from "../../src/node/node-polling.js";
import { PollingPeer } from "../support/polling-peer.js";
import { closedPort } from "../support/servers.js";
import { itKeepsTheContract, optionsFor } from "./transport-contract.js";

itKeepsTheContract({
  name: "Polling over node:http",
  failure: "http poll error",
  ending: "error",
  hasBase64: true,
  keepsLastWords: true,
  rig: async (options) => {
    const peer = await PollingPeer.listen();
    const transport = new NodePolling(optionsFor("polling", peer.port, options));
    return { transport, peer };
  },
  lonely: async () => new NodePolling(optionsFor("polling", await closedPort())),
});

import type { TransportOptions } from "../../src/transports/transport.js";
import { WebTransportTransport } from "../../src/transports/webtransport.js";
import { WebTransportPeer } from "../support/webtransport-double.js";
import { itKeepsTheContract, optionsFor } from "./transport-contract.js";

const make = (options?: Partial<TransportOptions>) =>
  new WebTransportTransport(optionsFor("webtransport", 443, options));

itKeepsTheContract({
  name: "WebTransportTransport",
  failure: "webtransport error",
  ending: "close",
  hasBase64: false,
  keepsLastWords: true,
  rig: (options) => Promise.resolve({ peer: new WebTransportPeer(), transport: make(options) }),
  lonely: () => {
    new WebTransportPeer(false);
    return Promise.resolve(make());
  },
});

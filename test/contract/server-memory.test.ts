import { network } from "../../src/test-kit/index.js";
import { serverContract } from "./server-contract.js";

serverContract("The server in memory", (options) => {
  const net = network();
  return {
    io: net.server("http://chat.test", options),
    client: (path = "/", given = {}) =>
      net.io(`http://chat.test${path}`, { forceNew: true, ...given }),
    until: (condition) => net.until(condition),
    settle: (promise) => net.until(promise),
    cut: () => net.cut(),
    close: () => net.close(),
  };
});

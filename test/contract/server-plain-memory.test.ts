import { network } from "../../src/test-kit/index.js";
import { plainContract } from "./plain-contract.js";

plainContract("The plain server in memory", () => {
  const net = network();
  return {
    server: net.webSocketServer("ws://chat.test"),
    client: (protocols = []) => new WebSocket("ws://chat.test/chat?a=1", protocols),
    until: (condition) => net.until(condition),
    close: () => net.close(),
  };
});

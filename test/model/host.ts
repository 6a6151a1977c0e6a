/** What the library finds in the global scope: the classes of the test kit, over the one server of the model. */
import { EngineEndpoint } from "../../src/test-kit/engine-endpoint.js";
import { webSocketClass } from "../../src/test-kit/host-web-socket.js";
import { xhrClass } from "../../src/test-kit/host-xhr.js";
import type { Network } from "../../src/test-kit/lines.js";
import type { ModelServer } from "./server.js";

export interface HostClasses {
  WebSocket: unknown;
  XMLHttpRequest: unknown;
  fetch: undefined;
}

export function hostClasses(network: Network, server: ModelServer): HostClasses {
  const endpoint = new EngineEndpoint(server);
  const wiring = { network, find: () => endpoint };
  return {
    WebSocket: webSocketClass(wiring),
    XMLHttpRequest: xhrClass(wiring),
    fetch: undefined,
  };
}

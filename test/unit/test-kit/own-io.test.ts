/** The app's own `io`, which knows nothing of the network that it is on. */
import { afterEach, describe, expect, it } from "vitest";
import { io, Manager } from "../../../src/index.js";
import { network, type TestNetwork } from "../../../src/test-kit/index.js";

const ADDRESS = "http://chat.test";
const transports = ["websocket"] as const;
let net: TestNetwork;

afterEach(() => net.close());

describe("The app's own io", () => {
  it("ends with its network, and is on the next one (KIT-32)", async () => {
    net = network();
    net.server(ADDRESS);
    const first = io(ADDRESS, { transports: [...transports] });
    const reasons: string[] = [];
    first.on("disconnect", (reason) => reasons.push(reason));
    await net.until(() => first.connected);
    await net.close();
    expect({ reasons, active: first.active }).toEqual({
      reasons: ["forced close"],
      active: false,
    });

    net = network();
    const server = net.server(ADDRESS);
    server.of("/n");
    // the manager of the first one serves this namespace too
    const second = io(`${ADDRESS}/n`, { transports: [...transports] });
    expect(second.io).toBe(first.io);
    await net.until(() => second.connected);
    expect(server.sockets.sockets.size).toBe(0);
  });

  it("ends also where the app makes managers itself (KIT-32)", async () => {
    net = network();
    net.server(ADDRESS);
    const socket = new Manager(ADDRESS, { transports: [...transports] }).socket("/");
    await net.until(() => socket.connected);
    await net.close();
    expect(socket.connected).toBe(false);
    expect("tautlineNetwork" in globalThis).toBe(false);
  });
});

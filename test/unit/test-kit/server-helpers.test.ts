/** The helpers of `tautline/server` on the server in memory: they reach into socket.io's sockets. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { exactlyOnce } from "../../../src/delivery/index.js";
import { dedupe } from "../../../src/server/index.js";
import { network, type TestNetwork } from "../../../src/test-kit/index.js";

const ADDRESS = "http://chat.test";
let net: TestNetwork;

beforeEach(() => {
  net = network({ seed: 7, latency: 20 });
});

afterEach(() => net.close());

describe("dedupe()", () => {
  it("lets each packet through once, however often the line dies (KIT-40)", async () => {
    const heard: unknown[] = [];
    const server = net.server(ADDRESS);
    dedupe(server);
    server.on("connection", (far) =>
      far.on("n", (n, answer) => {
        heard.push(n);
        (answer as () => void)();
      }),
    );
    const socket = net.io(ADDRESS, { delivery: exactlyOnce(), reconnectionDelayMax: 100 });
    for (let n = 0; n < 50; n++) {
      socket.emit("n", n, () => {});
      await net.advance(30);
      // what is under way to the server still arrives: the client sends it again
      if (n % 10 === 5) net.cut({ keep: "up" });
    }
    await net.advance(20_000);
    expect(heard).toEqual(Array.from({ length: 50 }, (_, n) => n));
  });
});

describe("Listeners of the server", () => {
  it("that are called once can be read, called and taken away as in Node", async () => {
    const server = net.server(ADDRESS);
    const socket = net.io(ADDRESS);
    await net.until(() => socket.connected);
    const [far] = await server.fetchSockets();
    const heard: unknown[] = [];
    const listener = (n: unknown): unknown => heard.push(n);
    far!.once("n", listener);
    expect(far!.listeners("n")).toEqual([listener]);
    far!.off("n", listener);
    expect(far!.rawListeners("n")).toEqual([]);
    far!.once("n", listener);
    for (const one of far!.rawListeners("n")) one(1);
    socket.emit("n", 2);
    await net.advance(100);
    expect(heard).toEqual([1]);
  });
});

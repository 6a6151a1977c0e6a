import { describe, expect, it } from "vitest";
import { proxyTo, serve, until } from "../support/harness.js";
import type { Device, NetworkState } from "../support/react-native/device.js";
import { phone } from "../support/react-native/phone.js";
import { stopTheClock } from "../support/stopped-clock.js";

const wifi = { type: "wifi", isConnected: true, isInternetReachable: true };
const none = { type: "none", isConnected: false, isInternetReachable: false };
const cellular = { ...wifi, type: "cellular" };
const at = (ipAddress: string): NetworkState => ({ ...wifi, details: { ipAddress } });

/** What NetInfo's and AppState's native halves say. */
const network = (device: Device, state: NetworkState): void => {
  device.network = state;
  device.emit("netInfo.networkStatusDidChange", state);
};
const app = (device: Device, state: "active" | "background"): void =>
  device.emit("appStateDidChange", { app_state: state });

/** A line on which nothing but a signal brings a connection back: no try is due within the test's time. */
const patient = {
  transports: ["websocket"],
  network: true,
  reconnectionDelay: 3_600_000,
  reconnectionDelayMax: 3_600_000,
  probeTimeout: 200,
};

/** Connected through a proxy, with NetInfo's first word heard. */
async function connected(first: NetworkState = wifi) {
  const server = await serve();
  server.io.on("connection", (far) =>
    far.on("echo", (n: number, answer: (n: number) => void) => answer(n)),
  );
  const proxy = await proxyTo(server);
  const device = phone();
  device.network = first;
  // a server on this machine would need no network
  await device.run("open", `http://far.example:${proxy.port}`, patient);
  await device.run("settled", "websocket");
  return { proxy, device };
}

/** An open connection is asked whether it is alive: on a dead line it is given up. */
async function isProbed(told: (device: Device) => void, first?: NetworkState): Promise<void> {
  const { proxy, device } = await connected(first);
  const lost = device.told("disconnect");
  const back = device.told("connect");
  proxy.set({ blackhole: { webSocket: "both" } });
  told(device);
  expect(await lost).toEqual(["ping timeout"]);
  proxy.set({ blackhole: false });
  await back;
}

describe("reactNativeSignals, with React Native's AppState and the community's NetInfo", () => {
  it("waits while NetInfo says that there is no network, and connects when there is (RNA-14)", async () => {
    const { proxy, device } = await connected();
    network(device, none);
    proxy.set({ refuseConnections: true });
    proxy.cut();
    await until(() => device.all("state").at(-1)?.[0] === "offline");
    proxy.set({ refuseConnections: false });
    const back = device.told("connect");
    network(device, wifi);
    await back;
  });

  it("probes the line when the app is active again (RNA-15)", () =>
    isProbed((device) => {
      app(device, "background");
      app(device, "active");
    }));

  it("probes the line on another type of network", () =>
    isProbed((device) => network(device, cellular)));

  it("probes the line on another network of the same type", () =>
    isProbed((device) => network(device, at("192.168.1.5")), at("10.0.0.7")));

  it("leaves a line alone that answers (RNA-16)", async () => {
    const { device } = await connected();
    const elapse = stopTheClock();
    app(device, "background");
    app(device, "active");
    network(device, cellular);
    // what answers a probe comes before this
    expect(await device.run("ask", "echo", 1)).toBe(1);
    // longer than a probe may take
    elapse(500);
    expect(await device.run("ask", "echo", 2)).toBe(2);
    expect(device.all("disconnect")).toEqual([]);
  });
});

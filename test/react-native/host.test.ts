import { describe, expect, it } from "vitest";
import { serve } from "../support/harness.js";
import { farEnd, phone } from "../support/react-native/phone.js";

const missing = [
  "document",
  "location",
  "navigator.onLine",
  "crypto",
  "atob",
  "btoa",
  "structuredClone",
  "TextEncoder",
  "TextDecoder",
  "DOMException",
  "CloseEvent",
  "MessageEvent",
  "MessageChannel",
  "BroadcastChannel",
  "localStorage",
  "addEventListener",
  "AbortSignal.timeout",
  "AbortSignal.any",
  "AbortSignal.prototype.throwIfAborted",
  "Blob.prototype.arrayBuffer",
  "Blob.prototype.stream",
  "Response.prototype.body",
  "Promise.any",
  "Promise.allSettled",
  "Symbol.asyncIterator",
  "WebSocket.prototype.bufferedAmount",
];

async function connected(transport = "websocket") {
  const server = await serve();
  const device = phone();
  await device.run("open", server.url, { transports: [transport] });
  await device.run("settled", transport);
  return { server, device, far: await farEnd(server) };
}

describe("React Native's host", () => {
  it("lacks what the other tests of this page do without", async () => {
    expect(await phone().run("globals", missing)).toEqual([]);
  });

  it("has what is looked up", async () => {
    const there = ["WebSocket", "XMLHttpRequest", "fetch", "AbortController", "queueMicrotask"];
    expect(await phone().run("globals", there)).toEqual(there);
  });
});

describe("On React Native", () => {
  it("is one library, whatever of it is imported or required (RNA-7)", async () => {
    expect(await phone().run("isOneLibrary")).toBe(true);
  });

  it("reads events in a loop, without Symbol.asyncIterator (RNA-8)", async () => {
    const { server, device } = await connected();
    const listening = device.told("reading");
    const read = device.run("read", "n", 3);
    await listening;
    for (const n of [1, 2, 3, 4]) server.io.emit("n", n);
    expect(await read).toEqual({ all: [[1], [2], [3]], symbol: "undefined" });
  });

  it("ends a loop and an ack by a signal that has no reason (RNA-9)", async () => {
    const { device } = await connected();
    expect(await device.run("abortReading", "n")).toEqual([true, "aborted"]);
    expect(await device.run("abortAck", "nobody")).toBe("aborted");
  });

  it("ends waiting for an ack in time", async () => {
    const { device } = await connected();
    expect(await device.run("timeout", "nobody", 20)).toBe("ack-timeout");
  });

  it.each(["websocket", "polling"])(
    "drains and flushes without bufferedAmount, over %s",
    async (transport) => {
      const { device, far } = await connected(transport);
      const heard = new Promise((resolve) => far.once("data", resolve));
      await device.run("flushAndDrain", "data", "x".repeat(100_000));
      expect(await heard).toHaveLength(100_000);
    },
  );

  it("sends a FormData as what it is to JSON", async () => {
    const { device, far } = await connected();
    far.on("echo", (form: unknown, answer: (form: unknown) => void) => answer(form));
    expect(await device.run("sendForm", "echo")).toEqual({ _parts: [["name", "value"]] });
  });

  it("tells a server that closes from a line that is cut, without wasClean", async () => {
    const { device, far } = await connected();
    const lost = device.told("disconnect");
    const back = device.told("connect");
    (far.conn.transport as unknown as { socket: { close(code: number): void } }).socket.close(1001);
    expect(await lost).toEqual(["transport close"]);
    await back;
  });

  it("is not offline where nobody knows (RNA-10)", async () => {
    const { server, device } = await connected();
    await server.close();
    await device.told("connect_error");
    expect(device.all("state").map(([state]) => state)).toEqual(
      expect.arrayContaining(["waiting", "opening"]),
    );
    expect(device.all("state")).not.toContainEqual(["offline"]);
  });

  it("says that there is no page, to whom gives no address (RNA-11)", async () => {
    const device = phone();
    const refused = device.told("refused");
    await device.run("openWithoutAddress");
    expect(await refused).toEqual(["invalid-option"]);
  });

  it("says nothing on the console", async () => {
    const { device } = await connected("polling");
    await device.run("close");
    expect(device.log).toEqual([]);
  });
});

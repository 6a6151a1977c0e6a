import { afterEach, describe, expect, it, vi } from "vitest";
import type { TransportFailure, TransportOptions } from "../../../src/transports/transport.js";
import { WebSocketTransport } from "../../../src/transports/websocket.js";
import { optionsFor } from "../../contract/transport-contract.js";
import { FakeWebSocket } from "../../support/fake-websocket.js";

afterEach(() => {
  vi.unstubAllGlobals();
  FakeWebSocket.made.length = 0;
});

function open(options: Partial<TransportOptions> = {}) {
  const transport = new WebSocketTransport(
    optionsFor("websocket", 3000, { WebSocket: FakeWebSocket, ...options }),
  );
  const failures: TransportFailure[] = [];
  transport.sink = {
    opened() {},
    text() {},
    binary() {},
    drained() {},
    closed: (failure) => failures.push(failure),
  };
  transport.open();
  return { transport, failures, socket: FakeWebSocket.made.at(-1) as FakeWebSocket };
}

describe("WebSocketTransport", () => {
  it.each([
    [{}, "ws://127.0.0.1:3000/engine.io/?EIO=4&transport=websocket"],
    [{ port: "80" }, "ws://127.0.0.1/engine.io/?EIO=4&transport=websocket"],
    [{ secure: true, port: "443" }, "wss://127.0.0.1/engine.io/?EIO=4&transport=websocket"],
    [{ hostname: "::1" }, "ws://[::1]:3000/engine.io/?EIO=4&transport=websocket"],
    [{ query: { a: "ä" } }, "ws://127.0.0.1:3000/engine.io/?a=%C3%A4"],
  ])("goes to the address that %j makes", (options, url) => {
    expect(open(options).socket.args).toEqual([url]);
  });

  it("adds a cache buster where that is asked for", () => {
    expect(open({ timestampRequests: true }).socket.args[0]).toMatch(/&t=\w{8}$/);
  });

  it("asks for subprotocols (CON-34)", () => {
    expect(open({ protocols: ["a", "b"] }).socket.args[1]).toEqual(["a", "b"]);
  });

  it("sets headers where the host can (CON-29)", () => {
    const extraHeaders = { "x-app": "yes" };
    expect(open({ extraHeaders }).socket.args[2]).toEqual({ headers: extraHeaders });
    vi.stubGlobal("document", {});
    expect(open({ extraHeaders }).socket.args).toHaveLength(1);
    vi.stubGlobal("navigator", { product: "ReactNative" });
    expect(open({ extraHeaders }).socket.args[2]).toEqual({ headers: extraHeaders });
  });

  it("wants array buffers", () => {
    expect(open().socket.binaryType).toBe("arraybuffer");
  });

  it("uses the host's class when it is given none", () => {
    vi.stubGlobal("WebSocket", FakeWebSocket);
    open({ WebSocket: undefined });
    expect(FakeWebSocket.made).toHaveLength(1);
  });

  it("fails when the host has none, and says so (TRA-17)", () => {
    vi.stubGlobal("WebSocket", undefined);
    expect(open({ WebSocket: undefined }).failures).toMatchObject([
      {
        kind: "error",
        message: "websocket error",
        code: "websocket-blocked",
        hint: expect.stringContaining("has no WebSocket class"),
      },
    ]);
  });

  it("says what the close code of a packet that is too large means", () => {
    const { socket, failures } = open();
    socket.onclose?.({ code: 1009 } as never);
    expect(failures).toMatchObject([{ kind: "close", code: "too-large" }]);
  });

  it("is closed also when its class can't close", () => {
    const { socket, failures, transport } = open();
    socket.close = () => {
      throw new Error("can't");
    };
    socket.onerror?.({} as never);
    transport.close();
    expect([failures.length, transport.writable]).toEqual([1, false]);
  });

  it("fails when the class refuses the address", () => {
    const refusal = new SyntaxError("bad subprotocol");
    class Refusing extends FakeWebSocket {
      constructor(url: string) {
        super(url);
        throw refusal;
      }
    }
    expect(open({ WebSocket: Refusing }).failures).toMatchObject([
      { kind: "error", message: "websocket error", cause: refusal },
    ]);
  });

  it("takes the status out of what `ws` says of a refused upgrade", () => {
    const { socket, failures } = open();
    socket.onerror?.({ message: "Unexpected server response: 403" } as never);
    expect(failures).toMatchObject([{ status: 403 }]);
  });

  it("fails once when error and close come, as they do in browsers", () => {
    const { socket, failures, transport } = open();
    const { onclose } = socket;
    socket.onerror?.({} as never);
    onclose?.({ code: 1006 } as never);
    transport.close();
    expect(failures).toHaveLength(1);
  });

  it("hands the close event over", () => {
    const { socket, failures } = open();
    const event = { code: 1001, reason: "going away" };
    socket.onclose?.(event as never);
    expect(failures).toMatchObject([
      { kind: "close", context: event, description: "websocket connection closed" },
    ]);
  });

  it("knows no bufferedAmount where the host has none, as in React Native", () => {
    const { transport, socket } = open();
    socket.bufferedAmount = undefined;
    expect(transport.bufferedAmount).toBe(0);
    socket.bufferedAmount = 5;
    expect(transport.bufferedAmount).toBe(5);
    Object.defineProperty(socket, "bufferedAmount", {
      get: () => {
        throw new Error("a class of the app's own");
      },
    });
    expect(transport.bufferedAmount).toBe(0);
  });

  it("listens no more once it is closed, except for errors that would go unheard", () => {
    const { transport, socket } = open();
    transport.close();
    expect([socket.onmessage, socket.onclose]).toEqual([null, null]);
    expect(() => socket.onerror?.({} as never)).not.toThrow();
    expect(socket.closes).toBe(1);
  });

  it("closes again what opens after it was closed, as React Native's does on Android (TRA-49)", () => {
    const { transport, socket } = open();
    transport.close();
    socket.onopen?.({} as never);
    expect(socket.closes).toBe(2);
  });
});

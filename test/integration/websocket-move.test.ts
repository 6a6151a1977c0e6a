/** An app that was written for partysocket's WebSocket, with its class and with this one: the move by changing an import. */
import PartySocket from "partysocket/ws";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocket as WS } from "ws";
import { ReconnectingWebSocket } from "../../src/websocket/index.js";
import { echoRoom, next, speak } from "../support/echo-server.js";

const options = {
  WebSocket: WS,
  minReconnectionDelay: 10,
  maxReconnectionDelay: 50,
  reconnectionDelayGrowFactor: 1.3,
  minUptime: 60_000,
};

describe.each([
  ["partysocket/ws", PartySocket as unknown as typeof ReconnectingWebSocket],
  ["tautline/websocket", ReconnectingWebSocket],
])("An app with %s", (_, Socket) => {
  const connect = (...args: ConstructorParameters<typeof Socket>): ReconnectingWebSocket => {
    const ws = new Socket(args[0], args[1] as string[], args[2]);
    onTestFinished(() => ws.close());
    return ws;
  };

  it("sends what it said before it was open, before open is told", async () => {
    const { address } = await echoRoom();
    const ws = connect(address, [], options);
    const heard: unknown[] = [];
    ws.onopen = () => ws.send("second");
    ws.onmessage = ({ data }) => heard.push(data);
    ws.send("first");
    await expect
      .poll(() => heard)
      .toEqual(["[Echo] You sent -> first", "[Echo] You sent -> second"]);
  });

  it("is told of each connection and each loss, and asks for the address each time", async () => {
    const { address, cut } = await echoRoom();
    let asked = 0;
    const log: string[] = [];
    const ws = connect(
      async () => {
        asked++;
        return address;
      },
      [],
      options,
    );
    ws.addEventListener("open", () => log.push("open"));
    ws.addEventListener("close", () => log.push("close"));
    for (let cuts = 0; cuts < 3; cuts++) {
      await next(ws, "open");
      cut();
    }
    await next(ws, "open");
    expect(log).toEqual(["open", "close", "open", "close", "open", "close", "open"]);
    expect([asked, ws.retryCount]).toEqual([4, 3]);
  });

  it("gives up after maxRetries, and begins again with reconnect()", async () => {
    let isUp = false;
    const { address } = await speak((socket) => isUp || socket.terminate());
    const ws = connect(address, [], { ...options, maxRetries: 2 });
    let closes = 0;
    ws.onclose = () => closes++;
    await expect.poll(() => closes).toBe(3);
    isUp = true;
    ws.reconnect();
    await next(ws, "open");
  });

  it("stays closed, and gives back what was not sent", async () => {
    const { address } = await echoRoom();
    const ws = connect(address, [], { ...options, startClosed: true });
    ws.send("a");
    ws.send("b");
    expect([ws.readyState, ws.bufferedAmount]).toEqual([Socket.CLOSED, 2]);
    expect(ws.drainQueuedMessages()).toEqual(["a", "b"]);
    ws.reconnect();
    await next(ws, "open");
    ws.close(1000, "bye");
    await expect.poll(() => ws.readyState).toBe(Socket.CLOSED);
  });
});

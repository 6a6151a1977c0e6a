import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ReconnectingWebSocket } from "../../../src/websocket/index.js";
import { websocketTable } from "../../../src/websocket/websocket-table.js";
import { hostSockets } from "../../support/host-socket.js";
import { eventsOf, type Rows, waysFrom } from "../../support/tables.js";

const rows = websocketTable as Rows;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** What an app, a host or a timer does to bring each event about. */
function drive() {
  const { WebSocket, made } = hostSockets();
  const ws = new ReconnectingWebSocket("ws://server/", {
    WebSocket,
    startClosed: true,
    randomizationFactor: 0,
  });
  const told: string[] = [];
  for (const type of ["state", "open", "close", "error", "reconnecting"])
    ws.addEventListener(type, (event) =>
      told.push(type === "state" ? (event as Event & { state: string }).state : type),
    );
  const socket = () => made.at(-1);
  const does: Record<string, () => void> = {
    open: () => (ws.state === "open" || ws.state === "opening" ? ws.reconnect() : ws.open()),
    opened: () => socket()?.accept(),
    lost: () => socket()?.end(1006),
    ended: () => socket()?.end(1000),
    close: () => ws.close(),
  };
  return { ws, made, told, does };
}

const ways = waysFrom("closed", rows);
const pairs = [...ways].flatMap(([state, way]) =>
  eventsOf(rows).map((event) => ({ state, way, event, next: rows[state]?.[event] ?? state })),
);

describe("ReconnectingWebSocket", () => {
  it("has a way to each state", () => {
    expect([...ways.keys()].sort()).toEqual(Object.keys(rows).sort());
  });

  it.each(pairs)("$state, $event -> $next", ({ state, way, event, next }) => {
    const { ws, does, told } = drive();
    for (const step of way) does[step]?.();
    expect(ws.state).toBe(state);
    told.length = 0;
    does[event]?.();
    // a connection that the app closes is over, however it ends
    const isOver = state === "closing" && event === "lost";
    expect(ws.state).toBe(isOver ? "closed" : next);
    expect(ws.readyState).toBe({ opening: 0, open: 1, closing: 2 }[ws.state as "open"] ?? 3);
    const isTold = isOver || rows[state]?.[event] !== undefined;
    expect(told.filter((what) => what in rows && what === ws.state)).toHaveLength(
      // "open" is a state and an event of its own
      isTold ? (ws.state === "open" ? 2 : 1) : 0,
    );
  });

  it.each([...ways])("%s is left with no timer behind", (_, way) => {
    const { ws, made, does } = drive();
    for (const step of way) does[step]?.();
    ws.close();
    made.at(-1)?.end(1000);
    expect(ws.state).toBe("closed");
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([...ways])("%s can be reconnected", (_, way) => {
    const { ws, made, does } = drive();
    for (const step of way) does[step]?.();
    ws.reconnect();
    expect(ws.state).toBe("opening");
    made.at(-1)?.accept();
    expect(ws.state).toBe("open");
    for (const old of made.slice(0, -1)) {
      old.accept();
      old.receive("late");
      old.end();
    }
    expect(ws.state).toBe("open");
  });
});

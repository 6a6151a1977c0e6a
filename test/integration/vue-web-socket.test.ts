// @vitest-environment jsdom
import { describe, expect, it, vi } from "vitest";
import { nextTick, ref, watch } from "vue";
import { useWebSocket, type UseWebSocketOptions } from "../../src/vue/index.js";
import { json } from "../../src/websocket/index.js";
import { echoWebSocketServer } from "../support/adapter-servers.js";
import { speak } from "../support/echo-server.js";
import { closedPort } from "../support/servers.js";
import { until } from "../support/harness.js";
import { stopTheClock, turnsUntil } from "../support/stopped-clock.js";
import { mountWith } from "../support/vue/mounting.js";

const echo = () => echoWebSocketServer("mute");

const quickly: UseWebSocketOptions<any, any> = { autoReconnect: { delay: 10 } };

describe("useWebSocket", () => {
  it("opens in the setup, sends, shows what comes, and closes with the scope (VUE-19)", async () => {
    const server = await echo();
    const log: unknown[] = [];
    const { result, unmount } = mountWith(() => {
      const result = useWebSocket<string>(server.address, {
        protocols: ["a", "b"],
        onConnected: (ws) => log.push(["connected", ws.protocol]),
        onDisconnected: (_ws, { code }) => log.push(["disconnected", code]),
        onMessage: (_ws, { data }) => log.push(data),
      });
      watch(result.status, (status) => log.push(status), { flush: "sync" });
      return result;
    });
    const { data, status, state, send, ws, close, open } = result;
    expect([data.value, status.value, state.value]).toEqual([null, "CONNECTING", "opening"]);
    expect(send("dropped", false)).toBe(false);
    expect(send("early")).toBe(false);
    await until(() => data.value === "early");
    expect(send("now")).toBe(true);
    await until(() => data.value === "now");
    expect(ws.value.readyState).toBe(1);
    close(4000, "enough");
    await until(() => status.value === "CLOSED");
    open();
    await until(() => status.value === "OPEN");
    open();
    await until(() => server.clients() === 1);
    unmount();
    await until(() => server.clients() === 0);
    expect(server.messages).toEqual(["early", "now"]);
    expect(log).toEqual([
      "OPEN",
      ["connected", "b"],
      "early",
      "now",
      "CLOSED",
      "CONNECTING",
      ["disconnected", 4000],
      "OPEN",
      ["connected", "b"],
    ]);
  });

  it("hands every message to onMessage, however many come between two renders (VUE-20)", async () => {
    const server = await speak((socket) => {
      for (let n = 0; n < 10_000; n++) socket.send(String(n));
    });
    const heard: number[] = [];
    const { result } = mountWith(() =>
      useWebSocket(server.address, { onMessage: (_ws, { data }) => heard.push(+data) }),
    );
    await until(() => heard.length === 10_000);
    expect(heard).toEqual([...Array(10_000).keys()]);
    expect(result.data.value).toBe("9999");
  });

  it("reconnects, with what it could not send meanwhile (VUE-21)", async () => {
    const server = await echo();
    const { status, send, data } = mountWith(() => useWebSocket(server.address, quickly)).result;
    await until(() => status.value === "OPEN");
    server.cut();
    await until(() => status.value === "CLOSED");
    send("meanwhile");
    await until(() => data.value === "meanwhile");
    expect(server.addresses).toHaveLength(2);
  });

  it("goes to another address with the url, with what waits; none closes it (VUE-22)", async () => {
    const server = await echo();
    const url = ref<string | undefined>();
    const { result } = mountWith(() => useWebSocket(url, { ...quickly, immediate: false }));
    const { status, send, ws, open } = result;
    open();
    expect(status.value).toBe("CLOSED");
    send("waits");
    url.value = `${server.address}one`;
    await until(() => server.messages.length === 1);
    const { value: before } = ws;
    url.value = `${server.address}two`;
    await until(() => server.addresses.length === 2 && status.value === "OPEN");
    expect(ws.value).toBe(before);
    expect(server.addresses).toEqual(["/one", "/two"]);
    url.value = undefined;
    await until(() => server.clients() === 0);
    expect(status.value).toBe("CLOSED");
  });

  it("stays where it is with autoConnect: false, and asks a function before each try (VUE-23)", async () => {
    const server = await echo();
    let tries = 0;
    const token = ref("a");
    const { result } = mountWith(() =>
      useWebSocket(
        async () => {
          tries++;
          return `${server.address}?${token.value}`;
        },
        { ...quickly, autoConnect: false },
      ),
    );
    await until(() => result.status.value === "OPEN");
    token.value = "b";
    await nextTick();
    expect([tries, server.addresses.length]).toEqual([1, 1]);
    server.cut();
    await until(() => server.addresses.length === 2);
    expect(server.addresses).toEqual(["/?a", "/?b"]);
    expect(tries).toBe(2);
  });

  it("gives up after so many retries, or when a function says so, and not for close() (VUE-24)", async () => {
    const address = `ws://127.0.0.1:${await closedPort()}`;
    const failed: string[] = [];
    const tries: Record<string, number> = {};
    const use = (retries: number | ((tried: number) => boolean), name: string) =>
      mountWith(() =>
        useWebSocket(address, {
          autoReconnect: {
            retries,
            delay: (retried) => retried / 10,
            onFailed: () => failed.push(name),
          },
          onDisconnected: () => (tries[name] = (tries[name] ?? 0) + 1),
        }),
      ).result;
    const number = use(2, "n");
    use((tried) => tried < 3, "f");
    const waiting = use(-1, "w");
    await until(() => failed.length === 2);
    await until(() => (tries.w ?? 0) > 4);
    waiting.close();
    expect(waiting.status.value).toBe("CLOSED");
    expect(failed.sort()).toEqual(["f", "n"]);
    expect(tries).toMatchObject({ n: 3, f: 4 });
    number.open();
    await until(() => failed.length === 3);
  });

  it("stays closed with autoReconnect: false", async () => {
    const server = await echo();
    const { status } = mountWith(() =>
      useWebSocket(server.address, { autoReconnect: false }),
    ).result;
    await until(() => status.value === "OPEN");
    server.cut();
    await until(() => status.value === "CLOSED");
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(server.addresses).toHaveLength(1);
  });

  it("asks whether the server is alive: any message shows it, and answers are not for the app (VUE-24)", async () => {
    const server = await echo();
    const heard: unknown[] = [];
    const use = (message: string) =>
      mountWith(() =>
        useWebSocket(server.address, {
          ...quickly,
          heartbeat: { message, interval: 20, pongTimeout: 30 },
          onMessage: (_ws, { data }) => heard.push(data),
        }),
      );
    const elapse = stopTheClock();
    const alive = use("ping");
    await turnsUntil(() => alive.result.status.value === "OPEN");
    // the server's answers come in all the time
    for (let n = 1; n <= 30; n++) {
      elapse(10);
      alive.result.send("hello");
      await turnsUntil(() => heard.length === n);
    }
    expect(server.messages.filter((message) => message === "ping").length).toBeGreaterThan(3);
    expect(server.addresses).toHaveLength(1);
    alive.unmount();
    vi.useRealTimers();
    const muted = use("mute");
    await until(() => server.addresses.length >= 3);
    muted.unmount();
    expect(heard).toEqual(Array(30).fill("hello"));
  });

  it("takes the options of a ReconnectingWebSocket, as a codec", async () => {
    const server = await echo();
    const { data, send } = mountWith(() =>
      useWebSocket<{ n: number }, { n: number }>(server.address, { codec: json }),
    ).result;
    send({ n: 7 });
    await until(() => data.value?.n === 7);
  });

  it("is kept after its scope with autoClose: false", async () => {
    const server = await echo();
    const { result, unmount } = mountWith(() => useWebSocket(server.address, { autoClose: false }));
    await until(() => result.status.value === "OPEN");
    unmount();
    result.send("still here");
    await until(() => result.data.value === "still here");
    result.close();
    await until(() => server.clients() === 0);
  });

  it("leaves nothing behind after 1,000 mounts and unmounts (VUE-10)", async () => {
    const server = await echo();
    for (let n = 0; n < 1000; n++)
      mountWith(() => useWebSocket(server.address, { heartbeat: true })).unmount();
    const last = mountWith(() => useWebSocket(server.address));
    await until(() => last.result.status.value === "OPEN");
    await until(() => server.clients() === 1);
  });
});

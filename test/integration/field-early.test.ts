import { describe, expect, it } from "vitest";
import { dedupe } from "../../src/server/index.js";
import { exactlyOnce } from "../support/client-api.js";
import {
  client,
  closing,
  connected,
  modes,
  next,
  proxyTo,
  serve,
  until,
} from "../support/harness.js";
import { startScriptedServer } from "../support/field.js";

const websocket = { transports: ["websocket" as const] };
const FLOOD = 200_000;

describe("Events that come before the CONNECT is answered", () => {
  it("are another socket's: the app doesn't hear them (RCV-7)", async () => {
    const server = await closing(
      startScriptedServer((frame, say) => {
        if (frame === "40") say('42["early",1]', '40{"sid":"x"}', '42["late",2]');
      }),
    );
    const socket = client(server.url, websocket);
    const heard: unknown[] = [];
    socket.onAny((...args) => heard.push(args));
    await next(socket, "late");
    expect(heard).toEqual([["late", 2]]);
  });

  it("aren't kept, however many they are (RCV-7)", async () => {
    const server = await closing(
      startScriptedServer((frame, say) => {
        if (frame !== "40") return;
        for (let n = 0; n < FLOOD; n++) say(`42["early",${n}]`);
        say('40{"sid":"x"}');
      }),
    );
    const socket = client(server.url, websocket);
    let most = 0;
    socket.io.on("packet", () => {
      most = Math.max(most, socket.receiveBuffer.length);
    });
    let heard = 0;
    socket.on("early", () => heard++);
    await connected(socket);
    expect(most).toBeLessThan(1000);
    expect(heard).toBe(0);
  });

  it("belong to the stay before, when the namespace was left and entered again", async () => {
    let asked = 0;
    const server = await closing(
      startScriptedServer((frame, say) => {
        const probe = /^40(\/tautline-probe-\d+),/.exec(frame)?.[1];
        if (probe) say(`44${probe},{"message":"Invalid namespace"}`);
        if (frame === "40") say('40{"sid":"main"}');
        if (frame === "40/room," && ++asked === 1) say('40/room,{"sid":"first"}');
        else if (frame === "40/room,") say('42/room,["n",1]', '40/room,{"sid":"second"}');
        // no other namespace is there
        else if (frame.startsWith("40/"))
          say(`44${frame.slice(2).split(",")[0]},{"message":"Invalid namespace"}`);
        if (frame === '42/room,["more"]') say('42/room,["n",2]');
      }),
    );
    const main = await connected(client(server.url, websocket));
    const room = main.io.socket("/room");
    await connected(room);
    const heard: unknown[] = [];
    room.on("n", (n) => heard.push(n));
    room.disconnect();
    room.connect();
    await connected(room);
    room.emit("more");
    await until(() => heard.includes(2));
    expect([heard, room.id]).toEqual([[2], "second"]);
  });

  it.each(modes.slice(0, 2))(
    "are heard over $name where a session is recovered: the server sends what was missed first (RCV-4)",
    async ({ options, server: serverOptions }) => {
      const server = await serve({ ...serverOptions, connectionStateRecovery: {} });
      const proxy = await proxyTo(server);
      const socket = client(proxy.url, { ...options, reconnectionDelay: 50 });
      const heard: unknown[] = [];
      socket.on("n", (n) => heard.push(n));
      await connected(socket);
      server.io.emit("n", 1);
      await until(() => heard.length === 1);
      const gone = new Promise<void>((resolve) => {
        for (const far of server.io.of("/").sockets.values()) far.on("disconnect", () => resolve());
      });
      const lost = next(socket, "disconnect");
      proxy.set({ refuseConnections: true });
      proxy.cut();
      for (const far of server.io.of("/").sockets.values()) far.conn.close(true);
      await Promise.all([gone, lost]);
      server.io.emit("n", 2);
      proxy.heal();
      await connected(socket);
      await until(() => heard.length === 2);
      expect([heard, socket.recovered]).toEqual([[1, 2], true]);
    },
  );

  it("are not heard where a session was to be recovered and another one was begun (RCV-5)", async () => {
    let connections = 0;
    const server = await closing(
      startScriptedServer((frame, say, end) => {
        if (!frame.startsWith("40")) return;
        if (++connections === 1) {
          say('40{"sid":"x","pid":"p1"}', '42["n",1,"offset"]');
          setImmediate(end);
        } else say('42["early",1,"offset2"]', '40{"sid":"y","pid":"p2"}', '42["late",2,"o3"]');
      }),
    );
    const socket = client(server.url, websocket);
    const heard: unknown[] = [];
    socket.onAny((name) => heard.push(name));
    await next(socket, "late");
    expect([heard, socket.recovered]).toEqual([["n", "late"], false]);
  });
});

describe("Events that come while exactly-once asks its question", () => {
  it.each(modes)("are ours, over $name (ONC-6)", async ({ options, server: serverOptions }) => {
    const server = await serve(serverOptions);
    dedupe(server.io);
    server.io.on("connection", (far) => {
      far.emit("welcome", 1);
      far.emit("welcome", 2);
    });
    const socket = client(server.url, { ...options, delivery: exactlyOnce() });
    const heard: unknown[] = [];
    socket.on("welcome", (n) => heard.push(n));
    await connected(socket);
    await until(() => heard.length === 2);
    expect(heard).toEqual([1, 2]);
  });

  it("aren't kept without a bound (ONC-7)", async () => {
    let sent = false;
    const server = await closing(
      startScriptedServer((frame, say) => {
        if (!frame.startsWith("40")) return;
        say('40{"sid":"x"}');
        for (let n = 0; n < FLOOD; n++) say(`42["early",${n}]`);
        sent = true;
      }),
    );
    const socket = client(server.url, { ...websocket, delivery: exactlyOnce() });
    let packets = 0;
    let most = 0;
    socket.io.on("packet", () => {
      packets++;
      most = Math.max(most, socket.receiveBuffer.length);
    });
    let isLost = false;
    socket.io.on("close", () => (isLost = true));
    socket.on("connect_error", () => (isLost = true));
    await until(() => sent && (packets >= FLOOD || isLost));
    expect(most).toBeLessThanOrEqual(FLOOD / 2);
  });
});

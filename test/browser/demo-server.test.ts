import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { io } from "socket.io-client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Demo, runDemo, startDemo } from "./support/demo-process.ts";

describe("The demo's server", () => {
  describe("when it cannot start", () => {
    it("says that the port is in use, and ends with 1 (DEM-1)", async () => {
      const other = createServer();
      await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
      const { port } = other.address() as AddressInfo;
      const { exitCode, output } = await runDemo({ PORT: String(port) });
      await new Promise((resolve) => other.close(resolve));
      expect(exitCode).toBe(1);
      expect(output).toContain(`Port ${port} is in use`);
      expect(output).not.toContain("    at ");
    });

    it.each(["web", "-1", "70000", "80.5"])(
      "says that PORT=%s is no port (DEM-2)",
      async (port) => {
        const { exitCode, output } = await runDemo({ PORT: port });
        expect(exitCode).toBe(1);
        expect(output.trim()).toBe(`PORT must be a number from 0 to 65535, and is "${port}".`);
      },
    );
  });

  describe("while it runs", () => {
    let demo: Demo;

    beforeEach(async () => {
      demo = await startDemo();
    });

    afterEach(async () => {
      await demo?.stop();
    });

    const socketUrl = async () => {
      const config = await (await fetch(`${demo.url}/config.json`)).json();
      return (config as { socketUrl: string }).socketUrl;
    };

    it("survives whatever a client sends", async () => {
      const url = await socketUrl();
      const odd = { toString: 1, valueOf: 1 };
      const asks: [nsp: string, auth: object, ...events: unknown[][]][] = [
        ["/", { name: odd }, ["chat message", odd], ["chat message"], ["rename", odd], ["rename"]],
        ["/echo", {}, ["message", odd], ["message"]],
        ["/notes", {}, ["note", "x"], ["note", odd], ["note"]],
        ["/rooms", { name: odd }, ["whisper", "b", "x"], ["whisper", odd], ["say", odd], ["join"]],
        ["/admin", { token: odd }],
        ["/tabs", {}, ["say", odd], ["say"]],
        ["/job", {}, ["follow", odd], ["follow"]],
        ["/comparison", {}, ["say", odd, odd, odd], ["say"]],
        ["/answers", {}, ["answer", odd], ["answer"]],
        ["/files", {}, ["upload", odd], ["upload"]],
      ];
      for (const [nsp, auth, ...events] of asks) {
        const socket = io(url + nsp, { auth, forceNew: true, reconnection: false });
        await new Promise((resolve) => {
          socket.on("connect_error", resolve);
          socket.on("connect", () => {
            for (const event of events) socket.emit(...(event as [string]));
            // a namespace of another client is entered when all this was read
            const after = io(url, { forceNew: true });
            after.on("connect", () => resolve(after.close()));
          });
        });
        socket.close();
      }
      const login = await fetch(`${demo.url}/api/admin/login`, { method: "POST" });
      expect(login.status).toBe(401);
      const broken = await fetch(`${demo.url}/api/admin/login`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: "{",
      });
      expect(broken.status).toBe(400);
      expect(await broken.text()).not.toContain("    at ");
      expect((await fetch(demo.url)).status).toBe(200);
      const alive = io(url, { forceNew: true });
      await new Promise((resolve) => alive.on("connect", () => resolve(alive.close())));
    });

    it.each(["chat", "connection-test"])("has /%s without an ending too", async (name) => {
      const response = await fetch(`${demo.url}/${name}?transports=polling`);
      expect(response.status).toBe(200);
      expect(response.url).toBe(`${demo.url}/${name}.html?transports=polling`);
    });

    it("says in the visitor's language that there is no such page, with a link to the first one", async () => {
      const response = await fetch(`${demo.url}/nowhere`, { headers: { "Accept-Language": "zh" } });
      expect(response.status).toBe(404);
      const text = await response.text();
      expect(text).toContain("这里没有这个页面");
      expect(text).toContain('<a href="/">');
    });

    it("gives pages the script with its true digest", async () => {
      const page = await (await fetch(`${demo.url}/chat.html`)).text();
      const script = await (await fetch(`${demo.url}/dist/tautline.full.min.js`)).arrayBuffer();
      const digest = createHash("sha384").update(new Uint8Array(script)).digest("base64");
      expect(page).toContain(`integrity="sha384-${digest}"`);
    });

    it("has its Socket.IO server on another origin, and lets only its own pages read there", async () => {
      const polling = `${await socketUrl()}/socket.io/?EIO=4&transport=polling`;
      const answer = async (origin: string) => {
        const response = await fetch(polling, { headers: { origin } });
        return response.headers.get("access-control-allow-origin");
      };
      expect(new URL(polling).origin).not.toBe(new URL(demo.url).origin);
      expect(await answer(new URL(demo.url).origin)).toBe(new URL(demo.url).origin);
      expect(await answer("http://localhost:1")).toBeNull();
      expect(await answer("null")).toBeNull();
    });

    it.each([
      undefined,
      null,
      7,
      "text",
      { key: "k" },
      { key: 1, text: "x" },
      { key: "k", text: " " },
    ])("refuses %j as a message, and goes on", async (payload) => {
      const socket = io(await socketUrl(), { forceNew: true });
      const refused = await socket.emitWithAck("chat message", payload);
      const accepted = await socket.emitWithAck("chat message", { key: "k2", text: "fine" });
      socket.disconnect();
      expect(refused).toMatchObject({ ok: false });
      expect(accepted).toMatchObject({ ok: true });
    });

    it("puts a message that comes twice into the room once", async () => {
      const socket = io(await socketUrl(), { forceNew: true });
      const first = await socket.emitWithAck("chat message", { key: "same", text: "once" });
      const again = await socket.emitWithAck("chat message", { key: "same", text: "once" });
      const welcomed = new Promise<{ recent: unknown[] }>((resolve) => {
        socket.once("welcome", resolve);
      });
      socket.disconnect().connect();
      const { recent } = await welcomed;
      socket.disconnect();
      expect(again).toEqual(first);
      expect(recent).toHaveLength(1);
    });

    it("sets switches, and says which there are when one is not", async () => {
      const post = (body: string, type = "application/json") =>
        fetch(`${demo.url}/switchboard`, {
          method: "POST",
          headers: { "Content-Type": type },
          body,
        });
      expect(await (await post('{"slow":true}')).json()).toMatchObject({ slow: true, cut: false });
      expect(await (await fetch(`${demo.url}/switchboard`)).json()).toMatchObject({ slow: true });
      expect((await post('{"slow":false}', "text/plain")).status).toBe(400);
      expect((await post('{"slow":1}')).status).toBe(400);
      const unknown = await post('{"__proto__":true,"fog":true}');
      expect(unknown.status).toBe(400);
      expect(await unknown.json()).toEqual({ error: expect.stringMatching(/no switch .*slow/) });
    });

    it.each(["SIGINT", "SIGTERM"] as const)(
      "ends cleanly on %s, with a client connected (DEM-3)",
      async (signal) => {
        const socket = io(await socketUrl(), { forceNew: true, reconnection: false });
        await new Promise<void>((resolve) => socket.on("connect", resolve));
        const closed = new Promise((resolve) => socket.on("disconnect", resolve));
        expect(await demo.stop(signal)).toBe(0);
        await closed;
      },
    );
  });
});

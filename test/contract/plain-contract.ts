/**
 * What an app's server code may expect of `ws`: the same tests run against the real one and against the one in memory.
 *
 * To extend: add a test here. A `PlainRig` is what differs between the two.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";

export interface PlainRig {
  /** A `WebSocketServer` of ws's, or one of the same interface. */
  server: any;
  /** A client's WebSocket, on its way to "/chat?a=1". */
  client(protocols?: string[]): WebSocket;
  until(condition: () => unknown): Promise<void>;
  close(): unknown;
}

export function plainContract(name: string, make: () => PlainRig | Promise<PlainRig>): void {
  describe(`${name}: an app's code for plain WebSockets`, () => {
    let rig: PlainRig;
    let far: any;
    let request: any;

    beforeEach(async () => {
      rig = await make();
      rig.server.on("connection", (socket: unknown, given: unknown) => {
        far = socket;
        request = given;
      });
    });

    afterEach(async () => {
      far = undefined;
      await rig.close();
    });

    /** A client whose socket is at the server. */
    const opened = async (protocols?: string[]): Promise<WebSocket> => {
      const near = rig.client(protocols);
      near.binaryType = "arraybuffer";
      await rig.until(() => far && near.readyState === 1);
      return near;
    };
    /** What the client heard, once there are so many of them. */
    const heard = async (near: WebSocket, count: number, send: () => void): Promise<unknown[]> => {
      const got: unknown[] = [];
      near.addEventListener("message", ({ data }: MessageEvent<string | ArrayBuffer>) =>
        got.push(typeof data === "string" ? data : [...new Uint8Array(data)]),
      );
      send();
      await rig.until(() => got.length === count);
      return got;
    };
    /** How each side's end was told. */
    const ends = async (near: WebSocket, end: () => void): Promise<unknown[]> => {
      const told: unknown[] = [];
      let atServer: unknown;
      far.on("close", (code: number, reason: unknown) => (atServer = [code, String(reason)]));
      near.addEventListener("close", ({ code, reason, wasClean }) =>
        told.push([code, reason, wasClean]),
      );
      end();
      await rig.until(() => told.length && atServer);
      return [atServer, told[0]];
    };

    it("gives handlers the request (KIT-42)", async () => {
      await opened();
      expect({ url: request.url, method: request.method }).toEqual({
        url: "/chat?a=1",
        method: "GET",
      });
      expect(request.headers.host).toBeTypeOf("string");
    });

    it("sends bytes of all kinds: a view's own, as they were then (KIT-42)", async () => {
      const near = await opened();
      const changed = new Uint8Array([1, 2]);
      const got = await heard(near, 5, () => {
        far.send(Buffer.from("abc"));
        far.send(changed);
        changed[0] = 9;
        far.send(new DataView(new Uint8Array([5, 6, 7]).buffer, 1));
        far.send(new Uint8Array([8]).buffer);
        far.send([1, 300]);
      });
      expect(got).toEqual([[97, 98, 99], [1, 2], [6, 7], [8], [1, 44]]);
    });

    it("sends text, numbers and nothing", async () => {
      const near = await opened();
      const got = await heard(near, 5, () => {
        far.send("text");
        far.send(7);
        far.send(null);
        far.send(Buffer.from("é"), { binary: false });
        far.send("a", { binary: true });
      });
      expect(got).toEqual(["text", "7", [], "é", [97]]);
    });

    it("throws for what it can't send", async () => {
      await opened();
      expect(() => far.send({})).toThrow(TypeError);
      expect(() => far.send(true)).toThrow(TypeError);
    });

    it("calls back when it was sent, or could not be", async () => {
      await opened();
      const errors: unknown[] = [];
      far.send("a", (error: unknown) => errors.push(error));
      far.send("b", {}, (error: unknown) => errors.push(error));
      await rig.until(() => errors.length === 2);
      far.close();
      far.send("c", (error: Error) => errors.push(error.message));
      await rig.until(() => errors.length === 3);
      expect(errors.map((error) => error ?? "sent")).toEqual([
        "sent",
        "sent",
        "WebSocket is not open: readyState 2 (CLOSING)",
      ]);
    });

    it("hands on bytes as Buffers", async () => {
      const near = await opened();
      const got: unknown[] = [];
      far.on("message", (data: unknown, isBinary: boolean) =>
        got.push([String(data), isBinary, isBinary && Buffer.isBuffer(data)]),
      );
      near.send("text");
      near.send(new Uint8Array([104, 105]));
      await rig.until(() => got.length === 2);
      expect(got).toEqual([
        ["text", false, false],
        ["hi", true, true],
      ]);
    });

    it("tells who closes without a code from who is lost", async () => {
      const near = await opened();
      const [atServer, atClient] = await ends(near, () => near.close());
      expect([atServer, atClient]).toEqual([
        [1005, ""],
        [1005, "", true],
      ]);
    });

    it("tells codes and reasons of both sides (KIT-42)", async () => {
      let near = await opened();
      expect(await ends(near, () => near.close(4001, "bye"))).toEqual([
        [4001, "bye"],
        [4001, "bye", true],
      ]);
      far = undefined;
      near = await opened();
      expect(await ends(near, () => far.close(4002, "off"))).toEqual([
        [4002, "off"],
        [4002, "off", true],
      ]);
      far = undefined;
      near = await opened();
      expect(await ends(near, () => far.close())).toEqual([
        [1005, ""],
        [1005, "", true],
      ]);
      far = undefined;
      near = await opened();
      expect(await ends(near, () => far.terminate())).toEqual([
        [1006, ""],
        [1006, "", false],
      ]);
    });

    it("is closing until the other side has said so too", async () => {
      const near = await opened();
      let isClosed = false;
      far.on("close", () => (isClosed = true));
      far.close(1000);
      expect({ state: far.readyState, isClosed }).toEqual({ state: far.CLOSING, isClosed: false });
      await rig.until(() => isClosed && near.readyState === 3);
      expect(far.readyState).toBe(far.CLOSED);
    });

    it("refuses codes and reasons that can't be sent", async () => {
      for (const [code, reason, kind] of [
        [1006, "", TypeError],
        [999, "", TypeError],
        ["x", "", TypeError],
        [1000, "x".repeat(200), RangeError],
      ] as const) {
        far = undefined;
        await opened();
        expect(() => far.close(code, reason)).toThrow(kind);
        far.terminate();
      }
    });

    it("pings", async () => {
      await opened();
      const got: string[] = [];
      far.on("pong", (data: unknown) => got.push(String(data)));
      far.ping("are you there");
      await rig.until(() => got.length);
      expect(got).toEqual(["are you there"]);
      expect(() => far.ping("p".repeat(126))).toThrow(
        new RangeError("The data size must not be greater than 125 bytes"),
      );
    });

    it("takes the first protocol that is offered", async () => {
      const near = await opened(["v1", "v2"]);
      expect([near.protocol, far.protocol]).toEqual(["v1", "v1"]);
    });

    it("closes when its last client has gone, and takes no new ones", async () => {
      const near = await opened();
      const told: unknown[] = [];
      rig.server.close((error?: Error) => told.push(["called", error]));
      rig.server.on("close", () => told.push("close"));
      const late = rig.client();
      let isRefused = false;
      late.addEventListener("error", () => (isRefused = true));
      await rig.until(() => isRefused);
      expect({ told, state: near.readyState }).toEqual({ told: [], state: 1 });
      near.close();
      await rig.until(() => told.length === 2);
      expect(told).toEqual([["called", undefined], "close"]);
      rig.server.close((error: Error) => told.push(error.message));
      await rig.until(() => told.length === 4);
      expect(told.slice(2)).toEqual(["close", "The server is not running"]);
    });
  });
}

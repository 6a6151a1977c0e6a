import { describe, expect, it, onTestFinished } from "vitest";
import { client, connected, modes, serve } from "../support/harness.js";

/** What a page's own or older scripts add to all objects, until the test ends. */
function extendAllObjects(additions: Record<string, unknown>): void {
  Object.assign(Object.prototype, additions);
  onTestFinished(() => {
    for (const name of Object.keys(additions)) Reflect.deleteProperty(Object.prototype, name);
  });
}

describe.each(modes)("A page that adds to Object.prototype, over $name", (mode) => {
  it("connects, and its data are what was sent (HEA-17)", async () => {
    const server = await serve(mode.server);
    server.io.on("connection", (far) => {
      far.on("echo", (...args: unknown[]) => {
        const answer = args.pop() as (...echo: unknown[]) => void;
        answer(...args);
      });
    });
    extendAllObjects({ each: () => undefined, extra: { nested: [1] }, isStrict: true });
    const socket = await connected(
      client(server.url, { ...mode.options, auth: { token: "t" }, query: { v: 1 } }),
    );
    expect([...server.io.of("/").sockets.values()][0]?.handshake.auth["token"]).toBe("t");
    const sent = { name: "file", parts: [{ bytes: new Uint8Array([1, 2, 3]) }] };
    const received = (await socket.timeout(5000).emitWithAck("echo", sent)) as typeof sent;
    expect(Object.keys(received)).toEqual(["name", "parts"]);
    expect(Object.keys(received.parts[0] ?? {})).toEqual(["bytes"]);
    expect(new Uint8Array(received.parts[0]?.bytes as never)).toEqual(new Uint8Array([1, 2, 3]));
  });
});

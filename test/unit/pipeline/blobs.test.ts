import { describe, expect, it } from "vitest";
import { atLeastOnce } from "../../../src/delivery/index.js";
import type { SocketOptions } from "../../../src/socket/socket-options.js";
import { connectedSocket, lineSocket, outcome } from "../../support/line-socket.js";

/** A Blob whose reading the test decides on. */
function blob(): { value: Blob; read: (text: string) => Promise<void>; fail: () => Promise<void> } {
  const value = new Blob(["-"]);
  let settle: [(data: ArrayBuffer) => void, (error: Error) => void];
  value.arrayBuffer = () => new Promise((resolve, reject) => (settle = [resolve, reject]));
  const later = async (): Promise<void> => {
    for (let tick = 0; tick < 10; tick++) await Promise.resolve();
  };
  return {
    value,
    read: (text) => {
      settle[0](new TextEncoder().encode(text).buffer);
      return later();
    },
    fail: () => {
      settle[1](new Error("the file was deleted"));
      return later();
    },
  };
}

/** What was sent, each attachment as text. */
const readable = (told: unknown[]): unknown[] =>
  told.flatMap((one) =>
    Array.isArray(one)
      ? one.map((frame) =>
          typeof frame === "string" ? frame : new TextDecoder().decode(frame as ArrayBuffer),
        )
      : [one],
  );

const head = (name: string): string => `51-["${name}",{"_placeholder":true,"num":0}]`;

describe.each<[string, SocketOptions, string]>([
  ["at most once", {}, ""],
  ["at-least-once", { delivery: atLeastOnce() }, ""],
  ["retries", { retries: 1 }, "0"],
])("Pipeline > a packet with a Blob, %s", (_name, options, id) => {
  const withId = (text: string, ack = id): string => text.replace("51-", `51-${ack}`);

  it("waits until it is read, and what is behind it waits too", async () => {
    const { line, socket } = connectedSocket(options);
    const { value, read } = blob();
    socket.emit("a", value).emit("b");
    expect([line.told(), socket.sendBuffer.length]).toEqual([[], 2]);
    await read("text");
    if (id) line.say("30[]");
    expect(readable(line.told())).toEqual([withId(head("a")), "text", id ? '21["b"]' : '2["b"]']);
  });

  it("fails alone when it can't be read", async () => {
    const { line, socket } = connectedSocket(options);
    const { value, fail } = blob();
    const asked = outcome(socket.emitWithAck("a", value));
    socket.emit("b");
    await fail();
    expect(await asked).toBe("unserializable not-sent");
    expect(line.told()).toEqual([id ? '21["b"]' : '2["b"]']);
  });

  it("is read when it can be sent, and once, though the connection is lost meanwhile", async () => {
    const { line, socket } = lineSocket(options);
    const { value, read } = blob();
    socket.emit("a", value).connect();
    line.open().accept();
    line.lose().open().accept();
    expect(line.told()).toEqual(["0", "0"]);
    await read("text");
    expect(readable(line.told())).toEqual([withId(head("a")), "text"]);
  });

  it("may be aborted while it is read", async () => {
    const { line, socket } = connectedSocket(options);
    const { value, read } = blob();
    const abort = new AbortController();
    const asked = outcome(socket.signal(abort.signal).emitWithAck("a", value));
    abort.abort();
    await read("text");
    expect([await asked, line.told()]).toEqual(["aborted not-sent", []]);
  });
});

describe("Pipeline > an answer with a Blob", () => {
  function asked() {
    const made = connectedSocket();
    const { value, read } = blob();
    made.socket.on("ask", (reply: (answer: Blob) => void) => reply(value));
    made.line.say('27["ask"]');
    return { ...made, read };
  }

  it("is sent when it is read", async () => {
    const { line, read } = asked();
    await read("text");
    expect(readable(line.told())).toEqual(['61-7[{"_placeholder":true,"num":0}]', "text"]);
  });

  it("is not sent on another connection (HEA-13)", async () => {
    const { line, read } = asked();
    line.lose().open().accept({ sid: "another" });
    line.told();
    await read("text");
    expect(line.told()).toEqual([]);
  });
});

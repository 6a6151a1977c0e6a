/** The contract of docs/streams.md against handlers that an app writes by itself, on a stock server. */
import { describe, expect, it } from "vitest";
import { sendStream, stream, type Answer, type Frame } from "../../src/stream/index.js";
import { client, modes, serve } from "../support/harness.js";

type Reply = (answer: Answer) => void;

describe.each(modes)("A stock server with handlers of its own, over $name", (mode) => {
  it("answers a question with a stream (STR-28)", async () => {
    const server = await serve(mode.server);
    server.io.on("connection", (far) => {
      far.on("answer", async (frame: Frame & { input?: string }, reply: Reply) => {
        if (frame.error) return reply({});
        const words = String(frame.input).split(" ");
        reply({ offset: frame.offset ?? 0 });
        for (let offset = frame.offset ?? 0; offset < words.length; offset++)
          await far.emitWithAck("answer", { id: frame.id, offset, data: words[offset] });
        far.emit("answer", { id: frame.id, offset: words.length, complete: true });
      });
    });
    const socket = client(server.url, mode.options);
    const words: unknown[] = [];
    for await (const word of stream(socket, "answer", "to be or not")) words.push(word);
    expect(words).toEqual(["to", "be", "or", "not"]);
  });

  it("takes a stream (STR-28)", async () => {
    const server = await serve(mode.server);
    const items: unknown[] = [];
    server.io.on("connection", (far) => {
      far.on("readings", (frame: Frame, reply: Reply) => {
        if (frame.complete)
          return reply({ offset: items.length, complete: true, result: { count: items.length } });
        if (frame.offset === items.length) items.push(frame.data);
        reply({ offset: items.length });
      });
    });
    const socket = client(server.url, mode.options);
    const result = await sendStream(socket, "readings", [1, "two", { three: 3 }, Uint8Array.of(4)]);
    expect(result).toEqual({ count: 4 });
    expect(items).toEqual([1, "two", { three: 3 }, Buffer.of(4)]);
  });
});

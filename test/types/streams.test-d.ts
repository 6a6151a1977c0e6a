import { describe, expectTypeOf, it } from "vitest";
import type { Server } from "socket.io";
import type { Socket as ReferenceSocket } from "socket.io-client";
import type { WebSocketServer } from "ws";
import type { Socket } from "../../src/index.js";
import {
  overWebSockets,
  receiveStream,
  receiveUploads,
  stream as serveStream,
} from "../../src/server/index.js";
import { overWebSocket, sendStream, stream, type StreamReader } from "../../src/stream/index.js";
import { type Progress, upload, type Upload } from "../../src/upload/index.js";

declare const socket: Socket;
declare const typed: Socket<{ said(text: string): void }, { say(text: string): void }>;
declare const reference: ReferenceSocket;
declare const webSocket: WebSocket;
declare const io: Server;
declare const sockets: WebSocketServer;
declare const signal: AbortSignal;

describe("stream()", () => {
  it("takes every kind of socket", () => {
    expectTypeOf(stream<string>(socket, "answer")).toEqualTypeOf<StreamReader<string>>();
    stream(typed, "answer", { question: 1 }, { signal, resume: false, window: 8 });
    stream(reference, "answer");
    stream(overWebSocket(webSocket), "answer", "why?", { id: "kept", offset: 5 });
    // @ts-expect-error a WebSocket has no events and acks
    stream(webSocket, "answer");
    // @ts-expect-error an event has a name
    stream(socket);
    // @ts-expect-error milliseconds
    stream(socket, "answer", 1, { timeout: "5s" });
    // @ts-expect-error no such option
    stream(socket, "answer", 1, { chunkSize: 5 });
  });

  it("is read by for await", async () => {
    for await (const item of stream<number>(socket, "numbers")) expectTypeOf(item).toBeNumber();
    for await (const item of stream(socket, "numbers")) expectTypeOf(item).toBeUnknown();
    // @ts-expect-error where it is, the stream says
    stream(socket, "numbers").offset = 5;
  });
});

describe("sendStream()", () => {
  it("takes iterables of both kinds", () => {
    expectTypeOf(sendStream<number>(socket, "readings", [1, 2])).toEqualTypeOf<Promise<number>>();
    sendStream(socket, "readings", (async function* () {})(), { input: { of: "sensor" }, signal });
    // @ts-expect-error no iterable
    sendStream(socket, "readings", 5);
    // @ts-expect-error where it begins, the server says
    sendStream(socket, "readings", [], { offset: 5 });
  });
});

describe("upload()", () => {
  it("takes what has bytes", () => {
    expectTypeOf(upload<{ url: string }>(socket, "upload", new Blob())).toEqualTypeOf<
      Upload<{ url: string }>
    >();
    upload(typed, "upload", new File([], "a"), { onProgress: (one) => one.percent });
    upload(reference, "upload", new ArrayBuffer(1));
    upload(overWebSocket(webSocket), "upload", new DataView(new ArrayBuffer(1)));
    upload(
      socket,
      "upload",
      (async function* () {
        yield new Uint8Array();
      })(),
    );
    // @ts-expect-error no bytes
    upload(socket, "upload", "text");
    const texts: AsyncIterable<string> = (async function* () {})();
    // @ts-expect-error bytes, not texts
    upload(socket, "upload", texts);
    // @ts-expect-error a number
    upload(socket, "upload", new Blob(), { chunkSize: "64k" });
    expectTypeOf<Progress["percent"]>().toEqualTypeOf<number | undefined>();
  });
});

describe("The server's functions", () => {
  it("take a server, a namespace, a socket and what `overWebSockets()` gives", () => {
    serveStream(io, "answer", async function* (question: string, { signal: ended, offset }) {
      expectTypeOf(ended).toEqualTypeOf<AbortSignal>();
      expectTypeOf(offset).toBeNumber();
      yield question;
    });
    receiveStream(io.of("/a"), "readings", async (items, { input }) => {
      for await (const item of items) expectTypeOf(item).toBeUnknown();
      expectTypeOf(input).toBeUnknown();
    });
    io.on("connection", (far) => receiveStream(far, "readings", () => 1, { limit: 5 }));
    receiveUploads(overWebSockets(sockets), "upload", async (file, chunks) => {
      expectTypeOf(file.size).toEqualTypeOf<number | undefined>();
      for await (const chunk of chunks) expectTypeOf(chunk).toEqualTypeOf<Uint8Array>();
    });
    // @ts-expect-error items, one after the other
    serveStream(io, "answer", () => 5);
    // @ts-expect-error a client is no server
    serveStream(5, "answer", async function* () {});
    // @ts-expect-error a number of bytes
    receiveUploads(io, "upload", () => 1, { maxSize: "5 MB" });
  });
});

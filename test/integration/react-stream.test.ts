// @vitest-environment jsdom
import { act } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { useStream, useUpload } from "../../src/react/index.js";
import { receiveUploads, stream } from "../../src/server/index.js";
import { client, connected, serve, until } from "../support/harness.js";
import { modes, renderIn, shown } from "../support/react/rendering.js";

describe.each(modes)("useStream (%s)", (mode) => {
  it("shows what comes, once, a frame at a time, and that it is done (REA-46)", async () => {
    const server = await serve();
    const asked: unknown[] = [];
    stream(server.io, "count", async function* (to: number) {
      asked.push(to);
      for (let n = 0; n < to; n++) yield n;
      if (to === 3) throw Object.assign(new Error("enough"), { code: "enough" });
    });
    const socket = await connected(client(server.url));
    let renders = 0;
    const hook = renderIn(
      mode,
      ({ to }) => {
        renders++;
        const { items, isDone, error } = useStream<number>(socket, "count", to, { limit: 600 });
        return { items, isDone, error };
      },
      { to: 1000 },
    );
    await shown(() => hook.result.current.isDone);
    expect(hook.result.current.items).toEqual([...Array(600).keys()].map((n) => n + 400));
    expect(renders).toBeLessThan(500);
    hook.rerender({ to: 3 });
    expect(hook.result.current.isDone).toBe(false);
    await shown(() => hook.result.current.isDone);
    expect(hook.result.current.items).toEqual([0, 1, 2]);
    expect(hook.result.current.error).toBeInstanceOf(Error);
    expect(asked).toEqual([1000, 3]);
  });

  it("ends it on the server when it is gone, or not enabled (REA-46)", async () => {
    const server = await serve();
    let running = 0;
    stream(server.io, "ticks", async function* (_input, { signal }) {
      running++;
      try {
        for (let n = 0; !signal.aborted; n++) {
          yield n;
          await new Promise((resolve) => setTimeout(resolve, 2));
        }
      } finally {
        running--;
      }
    });
    const socket = await connected(client(server.url));
    const hook = renderIn(
      mode,
      ({ enabled }) => useStream<number>(socket, "ticks", undefined, { enabled }).items,
      { enabled: true },
    );
    await shown(() => hook.result.current.length > 3);
    hook.rerender({ enabled: false });
    expect(hook.result.current).toEqual([]);
    await until(() => running === 0);
    hook.rerender({ enabled: true });
    await until(() => running === 1);
    hook.unmount();
    await until(() => running === 0);
    expect(socket.listeners("ticks")).toEqual([]);
  });

  it("is nothing without a socket", () => {
    const hook = renderIn(mode, () => useStream(undefined, "ticks"));
    expect(hook.result.current).toMatchObject({ items: [], isDone: false, error: undefined });
  });
});

describe.each(modes)("useUpload (%s)", (mode) => {
  it("sends a file, and shows how far it is (REA-47)", async () => {
    const server = await serve();
    receiveUploads(server.io, "upload", async (_file, chunks) => {
      let bytes = 0;
      for await (const chunk of chunks) bytes += chunk.byteLength;
      return { bytes };
    });
    const socket = await connected(client(server.url));
    const hook = renderIn(mode, () =>
      useUpload<{ bytes: number }>(socket, "upload", { chunkSize: 1000 }),
    );
    expect(hook.result.current).toMatchObject({ pending: false, progress: undefined });
    act(() => void hook.result.current.upload(new Uint8Array(100_000).buffer));
    expect(hook.result.current.pending).toBe(true);
    await shown(() => !hook.result.current.pending);
    const { data, progress, error } = hook.result.current;
    expect([data, progress?.percent, error]).toEqual([{ bytes: 100_000 }, 100, undefined]);
  });

  it("is aborted when the component is gone, and tells why it failed (REA-47)", async () => {
    const server = await serve();
    receiveUploads(server.io, "upload", async (_file, chunks) => {
      for await (const chunk of chunks) if (chunk.byteLength) await new Promise(() => {});
    });
    const socket = await connected(client(server.url));
    const hook = renderIn(mode, () => useUpload(socket, "upload"));
    let first!: Promise<unknown>;
    const code = (promise: Promise<unknown>) => promise.catch((error) => error.code);
    act(() => void (first = code(hook.result.current.upload(new ArrayBuffer(1000)))));
    act(() => hook.result.current.abort());
    expect(await act(() => first)).toBe("aborted");
    expect(hook.result.current).toMatchObject({ pending: false, error: { code: "aborted" } });
    act(() => void (first = code(hook.result.current.upload(new ArrayBuffer(1000)))));
    hook.unmount();
    expect(await first).toBe("aborted");
  });

  it("throws without a socket", () => {
    const hook = renderIn(mode, () => useUpload(null, "upload"));
    expect(() => hook.result.current.upload(new ArrayBuffer(1))).toThrow("disconnected");
  });
});

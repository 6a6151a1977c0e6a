import { createElement } from "react";
import { renderToPipeableStream, renderToString } from "react-dom/server";
import { PassThrough } from "node:stream";
import { describe, expect, it, vi } from "vitest";
import {
  SocketProvider,
  useAck,
  useEmit,
  useEvents,
  useSocket,
  useSocketEvent,
  useSocketState,
} from "../../src/react/index.js";
import { serve } from "../support/harness.js";

const h = createElement;

describe("Rendering on a server", () => {
  it("opens no connection, takes no timer and keeps nothing (REA-43)", async () => {
    const server = await serve();
    const complaints = vi.spyOn(console, "error");
    const timers = vi.spyOn(globalThis, "setTimeout");
    const sockets = new Set<object>();
    const Page = ({ url }: { url?: string }) => {
      const { socket, isConnected, latestMessage } = useSocket(url);
      if (socket) sockets.add(socket);
      const { state, rtt } = useSocketState(socket);
      useSocketEvent(socket, "chat", () => {});
      const list = useEvents(socket, "chat");
      useEmit(socket, "chat");
      const { pending } = useAck(socket, "order");
      return h("p", null, JSON.stringify([isConnected, latestMessage, state, rtt, list, pending]));
    };
    const app = h(
      SocketProvider,
      { url: server.url },
      h(Page),
      h(Page, { url: `${server.url}/other` }),
    );
    const said = `<p>[false,null,&quot;closed&quot;,null,[],false]</p>`;
    const html = renderToString(app);
    expect(html).toBe(said + said);
    const stream = renderToPipeableStream(app);
    let streamed = "";
    for await (const chunk of stream.pipe(new PassThrough())) streamed += String(chunk);
    expect(streamed).toBe(html);
    // two pages, rendered twice: nothing is remembered for the next
    expect(sockets.size).toBe(4);
    const ours = timers.mock.calls.filter(([task]) => !/react/i.test(String(task)));
    expect(ours.length).toBeLessThanOrEqual(1);
    expect(complaints).not.toHaveBeenCalled();
    expect(Object.getOwnPropertySymbols(globalThis).map(String)).not.toContain(
      "Symbol(tautline.leases.1)",
    );
    expect(server.io.engine.clientsCount).toBe(0);
    vi.restoreAllMocks();
  });
});

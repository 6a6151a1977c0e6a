import { describe, expect, it, vi } from "vitest";
import { createSSRApp, defineComponent, h, Suspense } from "vue";
import { renderToString, renderToWebStream } from "vue/server-renderer";
import { io } from "../../src/index.js";
import { createTautline, useSocket, useSocketEvent, useWebSocket } from "../../src/vue/index.js";
import { serve } from "../support/harness.js";

describe("Rendering on a server", () => {
  it("opens no connection, takes no timer, hears nothing and keeps nothing (VUE-16)", async () => {
    const server = await serve();
    const complaints = vi.spyOn(console, "warn");
    const timers = vi.spyOn(globalThis, "setTimeout");
    const shared = io(server.url, { autoConnect: false });
    const sockets = new Set<unknown>();
    const plain: unknown[] = [];
    const Page = defineComponent({
      props: { url: String },
      setup({ url }) {
        const onConnected = () => {};
        const { instance, isConnected, state, transport, connect, release, addEventHandler } =
          useSocket(url, { onConnected });
        sockets.add(instance.value);
        addEventHandler("chat", () => {});
        connect();
        useSocketEvent(shared, "chat", () => {});
        const { ws, status, data, open } = useWebSocket(server.url, { heartbeat: true });
        open();
        plain.push(ws.value);
        release();
        const said = [isConnected.value, state.value, transport.value, status.value, data.value];
        return () => h("p", JSON.stringify(said));
      },
    });
    const Waiting = defineComponent(async () => {
      useSocket(shared);
      await Promise.resolve();
      return () => h("p", "waited");
    });
    const app = () =>
      createSSRApp({
        render: () => [
          h(Page),
          h(Page, { url: `${server.url}/other` }),
          h(Suspense, () => h(Waiting)),
        ],
      }).use(createTautline(server.url));
    const said = `<p>[false,&quot;closed&quot;,null,&quot;CLOSED&quot;,null]</p>`;
    const html = await renderToString(app());
    expect(html).toBe(`<!--[-->${said}${said}<p>waited</p><!--]-->`);
    const streamed = await new Response(renderToWebStream(app())).text();
    expect(streamed).toBe(html);

    // two pages, rendered twice: nothing is remembered for the next
    expect(sockets.size).toBe(4);
    expect(shared.hasListeners("chat") || shared.hasListeners("connect")).toBe(false);
    expect(plain).toMatchObject([...Array(4)].map(() => ({ state: "closed" })));
    expect(timers).not.toHaveBeenCalled();
    expect(complaints).not.toHaveBeenCalled();
    expect(Object.getOwnPropertySymbols(globalThis).map(String)).not.toContain(
      "Symbol(tautline.leases.1)",
    );
    expect(server.io.engine.clientsCount).toBe(0);
    vi.restoreAllMocks();
  });
});

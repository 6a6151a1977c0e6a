// @vitest-environment jsdom
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createSSRApp, defineComponent, h } from "vue";
import { renderToString } from "vue/server-renderer";
import { useSocket, useWebSocket } from "../../src/vue/index.js";
import { speak } from "../support/echo-server.js";
import { serve, until } from "../support/harness.js";
import { mountWith } from "../support/vue/mounting.js";

describe("A page that a server rendered", () => {
  it("is taken over without a word, also where its connection is open already (VUE-17)", async () => {
    const [server, plain] = [await serve(), await speak(() => {})];
    const said: unknown[] = [];
    for (const method of ["warn", "error"] as const)
      vi.spyOn(console, method).mockImplementation((...args) => said.push(args));
    const use = () => ({
      ...useSocket(server.url, { linger: 30, transports: ["websocket"] }),
      plain: useWebSocket(plain.address),
    });
    const Page = defineComponent(() => {
      const { isConnected, state, plain } = use();
      return () => h("p", `${isConnected.value} ${state.value} ${plain.status.value}`);
    });
    vi.stubGlobal("window", undefined);
    const html = await renderToString(createSSRApp(Page));
    vi.unstubAllGlobals();
    expect(html).toBe("<p>false closed CLOSED</p>");
    // another part of the page is connected before this one is taken over
    const other = mountWith(use);
    await until(() => other.result.isConnected.value);

    const container = document.createElement("div");
    container.innerHTML = html;
    const app = createSSRApp(Page);
    app.mount(container);
    onTestFinished(() => app.unmount());
    await until(() => container.textContent === "true open OPEN");
    expect(said).toEqual([]);
    expect(server.io.engine.clientsCount).toBe(1);
    vi.restoreAllMocks();
  });
});

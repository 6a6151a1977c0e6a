import type { IncomingMessage, ServerResponse } from "node:http";
import type { Page } from "playwright-core";
import { describe, it } from "vitest";
import { describeInBrowser } from "../../support/browser.ts";
import { openPage, startApp, useBrowser } from "../support/app.ts";
import { libraries, type Library } from "../support/libraries.ts";

interface Visit extends IncomingMessage {
  _query: Record<string, string>;
  user?: string;
}

async function signIn(page: Page, name: string): Promise<void> {
  await page.getByLabel("Your name").fill(name);
  await page.keyboard.press("Enter");
}

describeInBrowser("A login with a token in a header", () => {
  const browser = useBrowser();

  /** The server checks the handshake, as middlewares of HTTP frameworks do. */
  async function setUp(library: Library): Promise<Page> {
    const app = await startApp("bearer-login", library, {
      routes: async (request, { pathname }) =>
        pathname === "/token" ? new Response(btoa(await request.text())) : undefined,
    });
    app.io.engine.use((request: Visit, response: ServerResponse, next: () => void) => {
      const isHandshake = request._query["sid"] === undefined;
      if (!isHandshake) return next();
      const token = /^bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1];
      request.user = token && atob(token);
      if (request.user?.startsWith("A")) return next();
      // not in one: for a WebSocket, writeHead() returns nothing
      response.writeHead(401);
      response.end();
    });
    app.io.on("connection", (socket) => {
      socket.on("who", (done: (name?: string) => void) => done((socket.request as Visit).user));
    });
    return openPage(browser(), app.url);
  }

  describe.each(libraries)("with $name", (library) => {
    it("lets in who has a token, and ends on WebSocket all the same", async () => {
      const page = await setUp(library);
      await signIn(page, "Ann");
      await page.locator("#state", { hasText: "signed in as Ann" }).waitFor();
      await page.locator("#transport", { hasText: "websocket" }).waitFor();
    });

    it("refuses another", async () => {
      const page = await setUp(library);
      await signIn(page, "Bob");
      await page.locator("#state", { hasText: "refused: xhr poll error" }).waitFor();
    });
  });
});

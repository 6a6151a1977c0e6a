import { randomUUID } from "node:crypto";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { describeInBrowser } from "../../support/browser.ts";
import { openPage, startApp, useBrowser } from "../support/app.ts";
import { libraries, type Library } from "../support/libraries.ts";

const sessionOf = (cookies: string | null | undefined): string =>
  /(?:^|; )session=([\w-]+)/.exec(cookies ?? "")?.[1] ?? "";

const state = (page: Page, text: string): Promise<void> =>
  page.locator("#state", { hasText: text }).waitFor();

describeInBrowser("A login with a cookie, on another origin than the page", () => {
  const browser = useBrowser();

  async function setUp(library: Library, query: string) {
    const sessions = new Map<string, { name: string; visits: number }>();
    const page = await startApp("cookie-login", library);
    const headers = {
      "Access-Control-Allow-Origin": page.url,
      "Access-Control-Allow-Credentials": "true",
    };
    const app = await startApp("cookie-login", library, {
      server: { cors: { origin: page.url, credentials: true } },
      routes: async (request, { pathname }) => {
        if (pathname === "/sign-in") {
          const session = randomUUID();
          sessions.set(session, { name: await request.text(), visits: 0 });
          const cookie = `session=${session}; HttpOnly; Path=/`;
          return new Response("", { headers: { ...headers, "Set-Cookie": cookie } });
        }
        const session = sessionOf(request.headers.get("cookie"));
        if (!sessions.delete(session)) return undefined;
        app.io.in(session).disconnectSockets();
        return new Response("", { headers });
      },
    });
    app.io.use((socket, next) => {
      const session = sessionOf(socket.handshake.headers.cookie);
      const known = sessions.get(session);
      if (!known) return next(new Error("nobody knows you"));
      socket.data = known;
      void socket.join(session);
      next();
    });
    app.io.on("connection", (socket) => {
      socket.on("who", (done: (name: string, visits: number) => void) => {
        done(socket.data.name, ++socket.data.visits);
      });
    });
    const visitor = await openPage(browser(), `${page.url}/?server=${app.url}${query}`);
    return { visitor, app };
  }

  describe.each(libraries)("with $name", (library) => {
    it.each([
      ["the library's choice of transports", ""],
      ["polling", "&transport=polling"],
      ["WebSocket", "&transport=websocket"],
    ])("lets in who has signed in, by %s", async (_name, query) => {
      const { visitor } = await setUp(library, query);
      await state(visitor, "refused: nobody knows you");
      await visitor.getByLabel("Your name").fill("Ann");
      await visitor.keyboard.press("Enter");
      await state(visitor, "signed in as Ann");
      await visitor.reload();
      await state(visitor, "signed in as Ann");
      await expect.poll(() => visitor.locator("#visits").textContent()).toBe("2");
      await visitor.getByRole("button").click();
      await state(visitor, "gone: io server disconnect");
      await visitor.reload();
      await state(visitor, "refused: nobody knows you");
    });
  });
});

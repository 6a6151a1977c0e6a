import type { BrowserContext, Page } from "playwright-core";
import { beforeEach, describe, expect, it } from "vitest";
import { ChatPage } from "./support/chat-page.ts";
import { describeDemo } from "./support/demo-site.ts";
import { Keyboard, watchFocus } from "./support/keyboard.ts";
import { watchFor } from "./support/seen.ts";

describeDemo("The demo, by keyboard alone,", (site) => {
  let visitor: BrowserContext;

  beforeEach(async () => {
    visitor = await site.visit();
    await visitor.addInitScript(watchFocus);
  });

  const open = async (path: string) => {
    const page = await site.open(path, visitor);
    return { page, keys: new Keyboard(page) };
  };
  const example = async (id: string) => {
    const opened = await open(`/examples/${id}`);
    await opened.page.locator("#example .connection[data-connected=true]").first().waitFor();
    return opened;
  };
  const said = (page: Page, text: string | RegExp) =>
    page.locator("#example .log li", { hasText: text }).first().waitFor();
  const isConnected = (page: Page, connected: boolean) =>
    page.locator(`#example .connection[data-connected=${connected}]`).first().waitFor();

  describe("leads through the examples:", () => {
    it("rooms", async () => {
      const { page, keys } = await example("rooms");
      const person = (name: string) => page.getByRole("region", { name, exact: true });
      await page.locator("#example .connection[data-connected=true]").nth(2).waitFor();
      // Each has a connection of its own: what Ann says could overtake Ben on his way into the room.
      await keys.press("checkbox", "red room", person("Ben"));
      await keys.choose("To", "red room", person("Ben"));
      await keys.write("Message", "here", person("Ben"));
      await person("Ben").getByText("red · Ben: here").waitFor();
      await keys.press("checkbox", "red room", person("Ann"));
      await keys.choose("To", "red room", person("Ann"));
      await keys.write("Message", "to the red ones", person("Ann"));
      await person("Ben").getByText("red · Ann: to the red ones").waitFor();
      await keys.choose("To", "Cleo", person("Ann"));
      await keys.write("Message", "for you", person("Ann"));
      await person("Cleo").getByText("private · Ann: for you").waitFor();
      await person("Ann").getByText("sent to Cleo alone").waitFor();
      await keys.hasKeptFocus();
    });

    it("namespaces", async () => {
      const { page, keys } = await example("namespaces");
      await said(page, "unauthorized: log in first");
      await keys.write("Password", "tautline");
      await said(page, "/admin: 42");
      await keys.press("button", "Let the token expire");
      await said(page, "This token is over.");
      await keys.press("button", "Enter /admin again");
      await said(page, "refused: the token has expired");
      await page.locator("#example .log li", { hasText: "/admin: entered" }).nth(1).waitFor();
      await keys.press("button", "Log out");
      // the first time was on the way to enter again
      await page
        .locator("#example .log li", { hasText: "/admin: left (io client disconnect)" })
        .nth(1)
        .waitFor();
      await keys.hasKeptFocus();
    });

    it("job", async () => {
      const { page, keys } = await open("/examples/job");
      await keys.press("button", "Start the job");
      await said(page, "reading..");
      // it runs already, and is not begun a second time
      await page.keyboard.press("Enter");
      await said(page, "io server disconnect: The server ended the connection.");
      await page.locator("output", { hasText: "100 %" }).waitFor();
      expect(await page.locator("#example .log li", { hasText: "reading.." }).count()).toBe(1);
      await keys.hasKeptFocus();
      await page.keyboard.press("Enter");
      await page.locator("#example .log li", { hasText: "reading.." }).nth(1).waitFor();
      await keys.hasKeptFocus();
    });

    it("upload", async () => {
      const { page, keys } = await example("upload");
      // it does not arrive before all keys are pressed
      await site.demo.turn({ cut: true });
      await isConnected(page, false);
      await keys.press("button", "Upload 6 MB of random bytes");
      await keys.press("button", "Pause");
      await keys.press("button", "Resume");
      await site.demo.turn({ cut: false });
      await said(page, "6000000 bytes arrived, with the same SHA-256.");
      await keys.hasKeptFocus();
    });

    it("upload, of a file, and to an abort", async () => {
      const { page, keys } = await example("upload");
      await keys.to(page.getByLabel("or a file"));
      const asked = page.waitForEvent("filechooser");
      await page.keyboard.press("Enter");
      const file = { name: "a.txt", mimeType: "text/plain", buffer: Buffer.from("hello") };
      await (await asked).setFiles(file);
      await said(page, "5 bytes arrived, with the same SHA-256.");
      await site.demo.turn({ cut: true });
      await isConnected(page, false);
      await keys.press("button", "Upload 6 MB of random bytes");
      await keys.press("button", "Abort");
      await said(page, "aborted");
      await keys.hasKeptFocus();
    });

    it("answer", async () => {
      const { page, keys } = await example("answer");
      await keys.to(page.getByRole("textbox", { name: "Question", exact: true }));
      await page.keyboard.press("Enter");
      await page.locator(".answer", { hasText: " 5 " }).waitFor();
      const isCut = await watchFor(page, "#example .connection[data-connected=false]");
      await keys.press("button", "Cut the network for 2 s");
      await isCut();
      await page.getByText("Complete: 81 words.").first().waitFor();
      await keys.hasKeptFocus();
    });

    it("plain", async () => {
      const { page, keys } = await example("plain");
      await keys.write("Message", "hello");
      await said(page, "[Echo] You sent -> hello");
      await keys.press("button", "Let the server fail");
      await said(page, /^\S+1011 /);
      await isConnected(page, true);
      await keys.press("button", "Send “bye”");
      await said(page, /1000 .*wasClean true/);
      await isConnected(page, false);
      await keys.press("button", "Connect");
      await isConnected(page, true);
      await keys.hasKeptFocus();
    });

    it("frameworks", async () => {
      const { page, keys } = await example("frameworks");
      const chat = (name: string) => page.locator(`[data-framework=${name}]`);
      for (const name of ["React", "Vue"]) {
        await chat(name).locator(".connection[data-connected=true]").waitFor();
      }
      await keys.write("Message", "from React", chat("React"));
      await chat("Vue").locator("li", { hasText: "from React" }).waitFor();
      await chat("React").locator("li", { hasText: "from React ✓" }).waitFor();
      await keys.write("Message", "from Vue", chat("Vue"));
      await chat("React").locator("li", { hasText: "from Vue" }).waitFor();
      await chat("Vue").locator("li", { hasText: "from Vue ✓" }).waitFor();
      await keys.hasKeptFocus();
    });

    it("tabs", async () => {
      const { page: first, keys } = await example("tabs");
      await first.locator("[data-role=host]", { hasText: "Tabs: 1." }).waitFor();
      const opened = visitor.waitForEvent("page");
      await keys.press("link", "Open another tab");
      const second = await opened;
      await second.locator("[data-role=guest]", { hasText: "Tabs: 2." }).waitFor();
      const others = new Keyboard(second);
      await others.write("Message to all tabs", "hello");
      await said(first, "hello");
      await said(second, "hello");
      await first.close();
      await second.locator("[data-role=host]", { hasText: "Tabs: 1." }).waitFor();
      await others.write("Message to all tabs", "still here");
      await said(second, "still here");
      await others.hasKeptFocus();
    });

    it("offline", async () => {
      const { page, keys } = await example("offline");
      await keys.press("switch", /^Cut the network/);
      await isConnected(page, false);
      await keys.write("Note", "one");
      await said(page, "one");
      await keys.hasKeptFocus();
      const loaded = page.waitForEvent("load");
      await keys.press("button", "Reload the page");
      await loaded;
      await said(page, "one");
      await keys.press("switch", /^Cut the network/);
      await said(page, "“one” was delivered.");
      await said(page, "Nothing.");
      await keys.hasKeptFocus();
    });
  });

  describe("leads through the chat:", () => {
    it("a name, a message, and one that waits for a connection", async () => {
      const other = await ChatPage.open(await site.visit(), `${site.demo.url}/chat.html`);
      const chat = await ChatPage.open(visitor, `${site.demo.url}/chat.html`);
      const keys = new Keyboard(chat.page);
      await keys.write("Your name", "Ann");
      await other.sees("is now Ann");
      await keys.write("Message", "Without a mouse");
      await chat.statusOf("Without a mouse", "delivered");
      await keys.press("button", "Disconnect");
      await chat.stateIs("disconnected");
      await keys.write("Message", "Later");
      await chat.statusOf("Later", "waiting");
      await keys.press("button", "Connect");
      await chat.statusOf("Later", "delivered");
      await other.sees("Later");
      const isLost = await watchFor(chat.page, "#status[data-state=waiting]");
      await keys.press("button", "Restart the server");
      await isLost();
      await chat.stateIs("connected");
      await keys.hasKeptFocus();
    });

    it("an upgrade that is tried again, whose button goes away", async () => {
      await site.demo.turn({ websocketBlocked: true });
      const chat = await ChatPage.open(visitor, `${site.demo.url}/chat.html`);
      const keys = new Keyboard(chat.page);
      await chat.page.getByRole("button", { name: "Try it now" }).waitFor();
      await keys.press("switch", /^WebSocket blocked/);
      await keys.press("button", "Try it now");
      await chat.transportIs("websocket");
      await keys.hasKeptFocus();
    });

    it("newer messages, whose button goes away", async () => {
      const other = await ChatPage.open(await site.visit(), `${site.demo.url}/chat.html`);
      const chat = await ChatPage.open(visitor, `${site.demo.url}/chat.html`);
      const keys = new Keyboard(chat.page);
      const field = chat.page.getByLabel("Message", { exact: true });
      await keys.to(field);
      for (let i = 1; i <= 30; i++) {
        await chat.page.keyboard.type(`line ${i}`);
        await chat.page.keyboard.press("Enter");
      }
      await chat.statusOf("line 30", "delivered");
      const list = chat.page.getByRole("list", { name: "Messages" });
      await keys.to(list);
      await chat.page.keyboard.press("Home");
      await expect.poll(() => list.evaluate((node) => node.scrollTop)).toBe(0);
      await other.say("newest");
      await keys.press("button", "Newer messages ↓");
      await chat.page
        .getByRole("button", { name: "Newer messages ↓" })
        .waitFor({ state: "hidden" });
      expect(await list.and(chat.page.locator(":focus")).count()).toBe(1);
      await keys.hasKeptFocus();
    });
  });

  it("leads through the connection test", async () => {
    const { page, keys } = await open("/connection-test.html");
    const line = (text: string) => page.locator("#log li", { hasText: text });
    await keys.press("button", "Connect");
    await line("Connected over").waitFor();
    // connected already: neither of them does it again
    await page.keyboard.press("Enter");
    await keys.to(page.getByLabel("Host", { exact: true }));
    await page.keyboard.press("Enter");
    await keys.write("Message", "hello");
    await line("You sent -> hello").waitFor();
    expect(await line("Connecting to").count()).toBe(1);
    await keys.press("button", "Disconnect");
    await line("io client disconnect").waitFor();
    // nobody is there to send it to
    await keys.write("Message", "too late");
    await keys.press("button", "Connect");
    await line("Connected over").nth(1).waitFor();
    expect(await line("too late").count()).toBe(0);
    await keys.press("button", "Clear");
    await page.getByText("Nothing has happened yet.").waitFor();
    await keys.hasKeptFocus();
  });

  it("keeps its place on the start page while the story is told", async () => {
    const { page, keys } = await open("/");
    await keys.press("button", "Break the network (60 s)");
    // it has begun
    await page.locator("#verdict:not(:empty)").waitFor();
    await keys.hasKeptFocus();
  });

  it("keeps its place in the simulator when a run is over", async () => {
    const { page, keys } = await open("/simulator?seed=1");
    await keys.press("button", "To the end");
    await page.locator("#simulator[data-phase=over]").waitFor();
    await keys.hasKeptFocus();
  });
});

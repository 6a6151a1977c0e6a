import type { BrowserContext, Page } from "playwright-core";
import { beforeEach, describe, expect, it } from "vitest";
import { ChatPage } from "./support/chat-page.ts";
import { describeDemo } from "./support/demo-site.ts";

describeDemo(
  "The demo",
  (site) => {
    let context: BrowserContext;
    let chatRoom: string;

    beforeEach(async () => {
      chatRoom = `${site.demo.url}/chat.html`;
      context = await site.visit();
    });

    describe.each([
      ["the transport that the client chooses", "", "websocket"],
      ["WebSocket alone", "?transports=websocket", "websocket"],
      ["long-polling alone", "?transports=polling", "polling"],
      ["long-polling and the upgrade", "?transports=polling,websocket", "websocket"],
    ] as const)("chat room over %s", (_name, query, transport) => {
      it("carries a conversation between two pages (DEM-4)", async () => {
        const ann = await ChatPage.open(context, chatRoom + query);
        const ben = await ChatPage.open(context, chatRoom + query);
        await ann.transportIs(transport);
        await ben.transportIs(transport);

        await ann.callOneself("Ann");
        await ben.sees("is now Ann");
        await ann.say("Is the line taut?");
        await ann.statusOf("Is the line taut?", "delivered");
        await ben.sees("Is the line taut?");
        await ben.say("As a bowstring.");
        await ann.sees("As a bowstring.");

        expect(await ann.texts()).toEqual(["Is the line taut?", "As a bowstring."]);
        expect(await ben.texts()).toEqual(["Is the line taut?", "As a bowstring."]);
        expect(await ben.message("Is the line taut?").locator(".message-name").textContent()).toBe(
          "Ann",
        );
        expect([...ann.problems, ...ben.problems]).toEqual([]);
      });

      it("says who joins, and who leaves", async () => {
        const ann = await ChatPage.open(context, chatRoom + query);
        const ben = await ChatPage.open(context, chatRoom + query);
        await ann.sees("joined");
        await ann.page.getByText("2 here:").waitFor();
        await ben.page.getByRole("button", { name: "Disconnect" }).click();
        await ann.sees("left");
        await ann.page.getByText("Only you are here.").waitFor();
      });

      it("waits with what is written while it is told to be disconnected", async () => {
        const ann = await ChatPage.open(context, chatRoom + query);
        await ann.page.getByRole("button", { name: "Disconnect" }).click();
        await ann.stateIs("disconnected");
        await ann.say("Hold this for me");
        await ann.statusOf("Hold this for me", "waiting");
        await ann.page.getByRole("button", { name: "Connect", exact: true }).click();
        await ann.statusOf("Hold this for me", "delivered");
      });

      it("is as before after a reload", async () => {
        const ann = await ChatPage.open(context, chatRoom + query);
        await ann.callOneself("Ann");
        await ann.say("Written before");
        await ann.statusOf("Written before", "delivered");
        await ann.page.reload();
        await ann.stateIs("connected");
        await ann.sees("Written before");
        await ann.say("Written after");
        await ann.statusOf("Written after", "delivered");
        expect(await ann.texts()).toEqual(["Written before", "Written after"]);
        expect(await ann.page.getByLabel("Your name").inputValue()).toBe("Ann");
      });

      it("keeps what is written offline, and delivers it when the network is back (DEM-5)", async () => {
        const ann = await ChatPage.open(context, chatRoom + query);
        const others = await site.visit();
        const ben = await ChatPage.open(others, chatRoom + query);
        await context.setOffline(true);
        await ann.stateIs("waiting");
        await ann.say("First, from nowhere");
        await ann.say("Second, from nowhere");
        await ann.statusOf("Second, from nowhere", "waiting");
        await context.setOffline(false);
        await ann.statusOf("First, from nowhere", "delivered");
        await ann.statusOf("Second, from nowhere", "delivered");
        await ben.sees("Second, from nowhere");
        expect(await ben.texts()).toEqual(["First, from nowhere", "Second, from nowhere"]);
      });
    });

    describe("before its scripts are ready", () => {
      it.each([
        ["/chat.html", "Message"],
        ["/connection-test.html", "Host"],
      ])("does not leave %s when Enter is pressed", async (path, field) => {
        const page = await context.newPage();
        let release = () => {};
        const configured = new Promise<void>((resolve) => (release = resolve));
        await page.route("**/config.json", async (route) => {
          await configured;
          await route.continue();
        });
        await page.goto(site.demo.url + path, { waitUntil: "commit" });
        await page.getByLabel(field, { exact: true }).fill("http://localhost:64999");
        await page.keyboard.press("Enter");
        release();
        await page.locator("#status[data-state]").waitFor();
        expect(page.url()).toBe(site.demo.url + path);
      });
    });

    describe("chat room that is empty", () => {
      it("invites to write", async () => {
        const ann = await ChatPage.open(context, chatRoom);
        await ann.page.getByText("Nobody has written yet.").waitFor();
        await ann.say("First");
        await ann.statusOf("First", "delivered");
        await ann.page.getByText("Nobody has written yet.").waitFor({ state: "hidden" });
      });
    });

    describe("chat room, whatever people write", () => {
      const nasty = `<img src="/x" onerror="globalThis.caught = 1"><script>globalThis.caught = 1</script>`;

      it("puts messages in as text", async () => {
        const ann = await ChatPage.open(context, chatRoom);
        const ben = await ChatPage.open(context, chatRoom);
        await ann.say(nasty);
        await ben.sees(nasty);
        for (const { page } of [ann, ben]) {
          expect(await page.locator("#log").locator("img, script").count()).toBe(0);
          expect(await page.evaluate("globalThis.caught")).toBeUndefined();
        }
      });

      it("puts names in as text, in the list, the notes and the number of people", async () => {
        const name = "<img src=x onerror=a=1>";
        const ann = await ChatPage.open(context, chatRoom);
        const ben = await ChatPage.open(context, chatRoom);
        await ann.callOneself(name);
        await ben.sees(`is now ${name}`);
        await ben.page.getByText(`2 here: ${name}`).waitFor();
        await ann.say("Who am I?");
        await ben.sees("Who am I?");
        expect(await ben.message("Who am I?").locator(".message-name").textContent()).toBe(name);
        expect(await ben.page.locator("img").count()).toBe(0);
      });
    });

    describe("chat room, while the switchboard", () => {
      it("cuts the network: shows messages as waiting, and delivers them in order when it is mended (DEM-6)", async () => {
        const ann = await ChatPage.open(context, chatRoom);
        const ben = await ChatPage.open(context, chatRoom);
        await ann.page.getByRole("switch", { name: /Cut the network/ }).check();
        await ann.stateIs("waiting");
        const written = ["one", "two", "three"].map((word) => `message ${word}`);
        for (const text of written) await ann.say(text);
        for (const text of written) await ann.statusOf(text, "waiting");
        await ann.page.getByRole("switch", { name: /Cut the network/ }).uncheck();
        for (const text of written) await ann.statusOf(text, "delivered");
        await ben.sees("message three");
        expect(await ben.texts()).toEqual(written);
      });

      it("cuts the network: shows why the last connection failed", async () => {
        const ann = await ChatPage.open(context, chatRoom);
        await site.demo.turn({ cut: true });
        await ann.page.locator("[data-reason]", { hasText: "Nothing answers" }).waitFor();
        await ann.page.locator('[data-panel="failure"] [data-code]').waitFor();
        await ann.page
          .locator('[data-panel="failure"]', { hasText: "Nothing answered: wrong host or port" })
          .waitFor();
        const tried = ann.page.locator("[data-attempts] tbody tr");
        await tried.filter({ hasText: "WebSocket" }).waitFor();
        await tried.filter({ hasText: "HTTP long-polling" }).waitFor();
        await site.demo.turn({ cut: false });
        await ann.stateIs("connected");
      });

      it("goes silent: notices it, and is connected again when it speaks", async () => {
        const ann = await ChatPage.open(context, chatRoom);
        await site.demo.turn({ silent: true });
        await ann.page.locator("[data-code]", { hasText: "ping timeout" }).waitFor();
        await site.demo.turn({ silent: false });
        await ann.stateIs("connected");
      });

      it("hangs WebSocket: talks over long-polling (DEM-7)", async () => {
        await site.demo.turn({ websocketHangs: true });
        const ann = await ChatPage.open(context, chatRoom);
        await ann.transportIs("polling");
        await ann.page
          .locator("[data-reason]", { hasText: "WebSocket: No answer in time." })
          .waitFor();
        await ann.say("Without waiting for ever");
        await ann.statusOf("Without waiting for ever", "delivered");
      });

      it("blocks WebSocket: talks over long-polling (DEM-7)", async () => {
        await site.demo.turn({ websocketBlocked: true });
        const ann = await ChatPage.open(context, chatRoom);
        await ann.transportIs("polling");
        await ann.page.locator("[data-attempts] tbody tr", { hasText: "WebSocket" }).waitFor();
        await ann.say("The long way round");
        await ann.statusOf("The long way round", "delivered");
      });
    });

    describe("connection test", () => {
      let page: Page;

      beforeEach(async () => {
        page = await site.open("/connection-test.html", context);
        await page.locator("#connect:enabled").waitFor();
      });

      const press = (name: string) => page.getByRole("button", { name, exact: true }).click();
      const line = (kind: string, text: string | RegExp) =>
        page.locator(`#log [data-kind="${kind}"]`, { hasText: text }).first().waitFor();

      it("connects, sends, shows the answer, disconnects and clears its log", async () => {
        await press("Connect");
        await line("info", "Connected over");
        await page.getByLabel("Message").fill("<i>ahoy</i>");
        await press("Send");
        await line("sent", "<i>ahoy</i>");
        await line("message", "[Echo] You sent -> <i>ahoy</i>");
        await press("Disconnect");
        await line("info", "Disconnected: io client disconnect");
        await press("Clear");
        expect(await page.locator("#log li").count()).toBe(0);
      });

      it("opens the same URL again at once after a disconnect", async () => {
        await press("Connect");
        await line("info", "Connected over");
        await press("Clear");
        await page.evaluate(() => {
          for (const id of ["disconnect", "connect"]) document.getElementById(id)!.click();
        });
        await line("info", "Disconnected: io client disconnect");
        await line("info", "Connected over");
        await page.locator('#status[data-state="connected"]').waitFor();
        await press("Send");
        await line("message", "[Echo] You sent -> hello");
        expect(await page.locator('#log [data-kind="message"]').count()).toBe(1);
      });

      it("writes down what went wrong, and goes on trying until it is told not to", async () => {
        await site.demo.turn({ cut: true });
        await press("Connect");
        await line("error", /\w/);
        await line("info", "Reconnecting, attempt 1");
        await press("Disconnect");
        await line("info", "Gave up connecting.");
        await page.locator('#status[data-state="disconnected"]').waitFor();
        expect(await page.locator("#connect").isEnabled()).toBe(true);
      });

      it("explains what went wrong, and when trying again does not help", async () => {
        const host = page.getByLabel("Host");
        await host.fill((await host.inputValue()).replace("/echo", "/nowhere"));
        await press("Connect");
        await line("error", /unknown-namespace.*Trying again does not help\./s);
        await host.fill(site.demo.url);
        await press("Connect");
        await line("error", /http-status.*check the path option.*Trying again does not help\./s);
        await press("Disconnect");
      });

      it("shows what the server said, without the offset of the recovery", async () => {
        await press("Connect");
        await line("info", "Connected over");
        await press("Send");
        await line("message", "[Echo] You sent -> hello");
        const texts = page.locator('#log [data-kind="message"] .text');
        expect(await texts.allTextContents()).toEqual(["message: [Echo] You sent -> hello"]);
      });

      it("shows the HTTP status of what was tried", async () => {
        await page.getByLabel("Host").fill(site.demo.url);
        await press("Connect");
        await line("error", "HTTP 404");
        await page.locator("[data-status]", { hasText: "HTTP 404" }).first().waitFor();
        await press("Disconnect");
      });

      it("goes to another address while it is connected", async () => {
        await press("Connect");
        await line("info", "Connected over");
        const host = page.getByLabel("Host");
        expect(await page.locator("#connect").isDisabled()).toBe(true);
        await host.fill((await host.inputValue()).replace("/echo", ""));
        await press("Connect");
        await line("message", "welcome:");
        await page.locator('#status[data-state="connected"]').waitFor();
      });

      it("goes to another address after the first one", async () => {
        await press("Connect");
        await line("info", "Connected over");
        await press("Disconnect");
        await press("Clear");
        const host = page.getByLabel("Host");
        await host.fill((await host.inputValue()).replace("/echo", ""));
        await host.press("Enter");
        await line("message", "welcome:");
      });
    });
  },
  { fresh: true },
);

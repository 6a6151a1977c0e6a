import type { BrowserContextOptions } from "playwright-core";
import { describe, expect, it } from "vitest";
import { pages } from "../../demo/pages.mjs";
import { ChatPage } from "./support/chat-page.ts";
import { describeDemo, isSettled } from "./support/demo-site.ts";

describeDemo("What the demo's pages tell", (site) => {
  const openChat = async (options: BrowserContextOptions = {}) =>
    ChatPage.open(await site.visit(options), `${site.demo.url}/chat.html`);

  describe("on a phone of 360 x 740", () => {
    const phone = { viewport: { width: 360, height: 740 } };

    it.each(["en-US", "zh-CN"])(
      "keeps the status, the switches and the message field in sight (%s)",
      async (locale) => {
        const { page } = await openChat({ ...phone, locale });
        for (const selector of ["#status", "#switches", "#message", "#send"]) {
          const box = (await page.locator(selector).boundingBox())!;
          expect(box.y).toBeGreaterThanOrEqual(0);
          expect(box.y + box.height).toBeLessThanOrEqual(740);
        }
      },
    );

    it("keeps the status in sight when one scrolls to the end", async () => {
      const { page } = await openChat(phone);
      await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
      expect(await page.evaluate("scrollY")).toBeGreaterThan(100);
      expect((await page.locator("#status").boundingBox())!.y).toBe(0);
    });
  });

  describe.each([
    ["en-US", 360],
    ["en-US", 1280],
    ["zh-CN", 360],
  ])("in %s, %d px wide", (locale, width) => {
    it("cuts off none of its sentences", async () => {
      const chat = await openChat({ locale, viewport: { width, height: 740 } });
      const { page } = chat;
      const cutOff = () =>
        page.evaluate(() =>
          ["#status", ...["#status [data-phase]", "#status [data-reason]", "#people"]].filter(
            (selector) => {
              const node = document.querySelector(selector)!;
              const { textOverflow, webkitLineClamp } = getComputedStyle(node);
              return (
                node.scrollWidth > node.clientWidth ||
                (node.clientHeight > 0 &&
                  selector !== "#people" &&
                  node.scrollHeight > node.clientHeight) ||
                textOverflow === "ellipsis" ||
                webkitLineClamp !== "none"
              );
            },
          ),
        );
      const height = async () => (await page.locator("#status").boundingBox())!.height;
      const before = await height();
      expect(await cutOff()).toEqual([]);
      await site.demo.turn({ websocketBlocked: true });
      await chat.transportIs("polling");
      expect(await cutOff()).toEqual([]);
      expect(await height()).toBe(before);
      await site.demo.turn({ cut: true });
      await chat.stateIs("waiting");
      expect(await cutOff()).toEqual([]);
      expect(await height()).toBe(before);
    });
  });

  describe("while it waits", () => {
    it("counts down to the next try", async () => {
      const ann = await openChat();
      await site.demo.turn({ cut: true });
      await ann.page.locator("[data-phase]", { hasText: /next try in \d+ s/ }).waitFor();
    });

    it("says nothing aloud but that the connection is lost, and that it is back", async () => {
      const ann = await openChat();
      let triedTwice = () => {};
      const secondTry = new Promise<void>((resolve) => (triedTwice = resolve));
      await ann.page.exposeFunction("phaseIs", (text: string) => {
        if (text === "Reconnecting, attempt 2") triedTwice();
      });
      await ann.page.evaluate(() => {
        const said: string[] = [];
        Object.assign(globalThis, { said });
        const phase = document.querySelector("[data-phase]")!;
        new MutationObserver(() => (globalThis as any).phaseIs(phase.textContent)).observe(phase, {
          childList: true,
        });
        for (const region of document.querySelectorAll("[role=status]")) {
          new MutationObserver(() => said.push(region.textContent ?? "")).observe(region, {
            childList: true,
            characterData: true,
            subtree: true,
          });
        }
      });
      await site.demo.turn({ cut: true });
      // two tries, each with its own countdown
      await secondTry;
      await site.demo.turn({ cut: false });
      await ann.stateIs("connected");
      expect(await ann.page.evaluate("globalThis.said")).toEqual([
        "The connection was lost. It is tried again.",
        "Connected again.",
      ]);
      const live = await ann.page.locator("[aria-live]:not([aria-live=off])").count();
      expect(live).toBe(0);
    });
  });

  describe("when the connection is back", () => {
    it("tells of the loss as something past", async () => {
      const ann = await openChat();
      await site.demo.turn({ cut: true });
      await ann.stateIs("waiting");
      await ann.page.locator("[data-when]", { hasText: "Since" }).waitFor();
      await site.demo.turn({ cut: false });
      await ann.stateIs("connected");
      await ann.page
        .locator("[data-reason]", { hasText: /It was lost at .*, for \d+\.\d s\./ })
        .waitFor();
      await ann.page.locator("[data-when]", { hasText: "It is over." }).waitFor();
      await ann.page.locator('[data-past="true"]').waitFor();
    });

    it("forgets the loss after a minute", async () => {
      const page = await (await site.visit()).newPage();
      await page.clock.install();
      await page.goto(`${site.demo.url}/chat.html`);
      await page.locator('#status[data-state="connected"]').waitFor();
      await site.demo.turn({ cut: true });
      await page.locator('#status[data-state="waiting"]').waitFor();
      await site.demo.turn({ cut: false });
      await page.locator("[data-reason]", { hasText: "It was lost at" }).waitFor();
      // It stands still afterwards: whatever the client asks after such a jump has its time for an answer.
      await page.clock.pauseAt((await page.evaluate(() => Date.now())) + 120_000);
      await page.locator("[data-reason]", { hasText: "No problem." }).waitFor();
    });
  });

  describe("after WebSocket was blocked", () => {
    it("says when it is tried again, and lets it be tried now", async () => {
      await site.demo.turn({ websocketBlocked: true });
      const ann = await openChat();
      await ann.transportIs("polling");
      await ann.page.locator("[data-reason]", { hasText: /Next try in \d+ s\./ }).waitFor();
      await site.demo.turn({ websocketBlocked: false });
      await ann.page.getByRole("button", { name: "Try it now" }).click();
      await ann.transportIs("websocket");
      await ann.page.locator("[data-upgrade]").waitFor({ state: "hidden" });
    });
  });

  describe("the transports", () => {
    it("are links, of which one is in use", async () => {
      const { page } = await openChat();
      const links = page.locator('[data-panel="transports"] a');
      expect(await links.count()).toBe(4);
      const decorations = await links.evaluateAll((all) =>
        all.map((link) => [
          getComputedStyle(link).textDecorationLine,
          getComputedStyle(link, "::before").content,
        ]),
      );
      expect(decorations).toEqual(Array.from({ length: 4 }, () => ["underline", "none"]));
      await page.getByText("HTTP long-polling only").click();
      await page.locator('#status[data-transport="polling"]').waitFor();
      await page.locator('[data-panel="transports"] li', { hasText: "(in use)" }).waitFor();
    });
  });

  describe("Enter while a character is being composed", () => {
    it("sends nothing", async () => {
      const { page } = await openChat();
      await page.getByLabel("Message", { exact: true }).focus();
      const client = await page.context().newCDPSession(page);
      await client.send("Input.imeSetComposition", {
        text: "ni",
        selectionStart: 2,
        selectionEnd: 2,
      });
      const prevented = await page.evaluate(() => {
        const field = document.querySelector("#message")!;
        const press = (options: KeyboardEventInit) =>
          !field.dispatchEvent(
            new KeyboardEvent("keydown", { key: "Enter", cancelable: true, ...options }),
          );
        return [press({ isComposing: true }), press({ keyCode: 229 }), press({})];
      });
      expect(prevented).toEqual([true, true, false]);
      await page.keyboard.press("Enter");
      await client.send("Input.insertText", { text: "你好" });
      await page.keyboard.press("Enter");
      await page.locator(".message", { hasText: "你好" }).waitFor();
      expect(await page.locator(".message-text").allTextContents()).toContain("你好");
      expect(await page.locator(".message-text").allTextContents()).not.toContain("ni");
    });
  });

  describe("in another language", () => {
    it("is what the browser asks for, and what a person has switched to", async () => {
      const { page } = await openChat({ locale: "zh-CN" });
      expect(await page.locator("html").getAttribute("lang")).toBe("zh");
      await page.getByRole("heading", { name: "聊天室" }).waitFor();
      await page.getByRole("link", { name: "English" }).click();
      await page.getByRole("heading", { name: "Chat room" }).waitFor();
      await page.goto(`${site.demo.url}/connection-test.html?transports=polling`);
      await page.getByRole("heading", { name: "Connection test" }).waitFor();
      await page.getByRole("link", { name: "中文" }).click();
      await page.getByRole("heading", { name: "连接测试" }).waitFor();
      expect(new URL(page.url()).searchParams.get("transports")).toBe("polling");
    });

    it("falls back to English", async () => {
      const { page } = await openChat({ locale: "fr-FR" });
      expect(await page.locator("html").getAttribute("lang")).toBe("en");
    });
  });

  describe("in the console", () => {
    it.each(pages.map(({ path }) => path))("is nothing: %s", async (path) => {
      const page = await site.open(path);
      await isSettled(page);
      expect(site.problems).toEqual([]);
    });
  });
});

import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { WebSocket } from "ws";
import { io } from "../../src/index.node.ts";
import { describeDemo } from "./support/demo-site.ts";

/** What turns the direction of everything that follows, if it is not kept to itself. */
const TURNED = "\u202Eabc";
const isThrown = (problem: string) => !/^Failed to load|ERR_/.test(problem);
const shown = (page: Page, text: string) =>
  page.locator("#example .log li", { hasText: text }).waitFor();
const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).click();
const connected = (page: Page) =>
  page.locator(".connection[data-connected=true]").first().waitFor();

describeDemo("The demo's pages with what nobody should type", (site) => {
  it("the chat takes the client's choice where its address names transports that there are not", async () => {
    for (const list of ["foo", ",", "__proto__", "constructor,shared"]) {
      const page = await site.open(`/chat.html?transports=${list}`);
      await page.locator("#status[data-state=connected]").waitFor();
      await page.locator("#send:enabled").waitFor();
    }
    expect(site.problems).toEqual([]);
  });

  it("the connection test says that a message is too large, and that it was not sent", async () => {
    const page = await site.open("/connection-test.html");
    await page.click("#connect");
    await page.locator("#status[data-state=connected]").waitFor();
    await page.fill("#message", "x".repeat(1_500_000));
    await page.click("#send");
    await page.locator("#log li[data-kind=error]").waitFor();
    expect(await page.locator("#log li[data-kind=sent]").count()).toBe(0);
    expect(site.problems).toEqual([]);
  });

  it("the simulator begins anew after the last seed, and takes letters for none", async () => {
    const page = await site.open("/simulator?seed=999999999");
    await page.locator("#next:enabled").click();
    await page.waitForURL(/[?&]seed=0(&|$)/);
    expect(await page.inputValue("#seed")).toBe("0");
    await page.fill("#seed", "abc");
    await page.click("#next");
    await page.waitForURL(/[?&]seed=1(&|$)/);
    expect(await page.inputValue("#seed")).toBe("1");
  });

  it("the simulator shows the present seed in another language, and keeps the language", async () => {
    const page = await site.open("/simulator?seed=5");
    await page.locator("#next:enabled").click();
    await page.waitForURL(/[?&]seed=6(&|$)/);
    await page.click("header .language");
    await page.locator("html[lang=zh] #next:enabled").waitFor();
    expect(await page.inputValue("#seed")).toBe("6");
    expect(new URL(page.url()).searchParams.get("lang")).toBe("zh");
  });

  it("React and Vue write nothing for a message of spaces", async () => {
    const page = await site.open("/examples/frameworks");
    for (const [mine, other] of [
      ["React", "Vue"],
      ["Vue", "React"],
    ]) {
      const card = page.locator(`[data-framework=${mine}]`);
      await card.locator(".connection[data-connected=true]").waitFor();
      for (const words of ["   ", `said in ${mine}`]) {
        await card.getByLabel("Message", { exact: true }).fill(words);
        await card.getByRole("button", { name: "Send" }).click();
      }
      await card.locator("li", { hasText: `me said in ${mine} ✓` }).waitFor();
      await page.locator(`[data-framework=${other}] li`, { hasText: `said in ${mine}` }).waitFor();
      expect(await card.locator("li", { hasText: "…" }).count()).toBe(0);
    }
    expect(site.problems).toEqual([]);
  });

  it("marks that turn the direction stay within what somebody wrote", async () => {
    const page = await site.open("/examples/offline");
    await page.getByLabel("Note", { exact: true }).fill(TURNED);
    await press(page, "Write");
    await shown(page, "was delivered.");
    const gap = await page
      .locator("#example .log li span", { hasText: "was delivered." })
      .evaluate((sentence) => {
        const rest = document.createRange();
        rest.selectNodeContents(sentence.lastChild!);
        const words = document.createRange();
        const all = document.createTreeWalker(sentence, NodeFilter.SHOW_TEXT);
        for (let node = all.nextNode(); node; node = all.nextNode())
          if (node.textContent!.includes("abc")) {
            const at = node.textContent!.indexOf("abc");
            words.setStart(node, at);
            words.setEnd(node, at + 3);
          }
        return rest.getBoundingClientRect().right - words.getBoundingClientRect().right - 1;
      });
    expect(gap).toBeGreaterThan(0);
  });
});

describeDemo("The demo's pages on a network that breaks in the middle", (site) => {
  const breakInFlight = async (page: Page, send: () => Promise<void>) => {
    await site.demo.turn({ silent: true });
    await send();
    await site.demo.turn({ cut: true });
    await page.locator(".connection[data-connected=false]").first().waitFor();
    await site.demo.heal();
  };
  const restart = async () => {
    const response = await fetch(`${site.demo.url}/switchboard/restart`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: "{}",
    });
    expect(response.ok).toBe(true);
  };

  it("frameworks: a message that was lost with its connection is sent again", async () => {
    const page = await site.open("/examples/frameworks");
    const cards = ["React", "Vue"].map((name) => page.locator(`[data-framework=${name}]`));
    for (const card of cards) await card.locator(".connection[data-connected=true]").waitFor();
    await breakInFlight(page, async () => {
      for (const card of cards) {
        await card.getByLabel("Message", { exact: true }).fill("in flight");
        await card.getByRole("button", { name: "Send" }).click();
      }
    });
    for (const card of cards) await card.locator("li", { hasText: "me in flight ✓" }).waitFor();
    expect(site.problems.filter(isThrown)).toEqual([]);
  });

  it("rooms: it is said that nobody knows whether a private message has arrived", async () => {
    const page = await site.open("/examples/rooms");
    const ann = page.getByRole("region", { name: "Ann" });
    await ann.locator(".connection[data-connected=true]").waitFor();
    await ann.locator("select").selectOption("Ben");
    await breakInFlight(page, async () => {
      await ann.getByLabel("Message", { exact: true }).fill("psst");
      await ann.getByRole("button", { name: "Send" }).click();
    });
    await ann.getByText("it is not known whether Ben has it.").waitFor();
    expect(site.problems.filter(isThrown)).toEqual([]);
  });

  it("job: goes on through a restart of the server", async () => {
    const page = await site.open("/examples/job");
    await press(page, "Start the job");
    await shown(page, "reading..");
    await restart();
    await shown(page, "done");
    await page.locator("output", { hasText: "100 %" }).waitFor();
  });

  it("answer: goes on behind the last word after a restart of the server", async () => {
    const page = await site.open("/examples/answer");
    await connected(page);
    await press(page, "Ask");
    await page.locator(".answer", { hasText: " 3 " }).waitFor();
    await restart();
    await page.getByText("Complete: 81 words.", { exact: true }).first().waitFor();
    const numbers = Array.from({ length: 80 }, (_none, index) => String(index + 1));
    expect((await page.locator(".answer").textContent())!.trim()).toBe(
      ["“Does it survive a cut?”", ...numbers].join(" "),
    );
  });

  it("a page that has cut the network for a while mends it when it is left", async () => {
    const page = await site.open("/examples/answer");
    await connected(page);
    await press(page, "Cut the network for 2 s");
    await page.locator(".connection[data-connected=false]").waitFor();
    await page.goto(`${site.demo.url}/examples/tabs`);
    await connected(page);
  });

  it("namespaces: it is said that the site cannot be reached, or has forgotten the login", async () => {
    const page = await site.open("/examples/namespaces");
    await shown(page, "unauthorized: log in first");
    await page.getByLabel("Password").fill("tautline");
    await press(page, "Log in");
    await shown(page, "/admin: 42");
    await page.route("**/api/admin/**", (route) => route.abort());
    await press(page, "Let the token expire");
    await shown(page, "The site could not be reached");
    await page.unroute("**/api/admin/**");
    await press(page, "Let the token expire");
    await shown(page, "This token is over.");
    await page.route("**/api/admin/**", (route) => route.fulfill({ status: 401 }));
    await press(page, "Enter /admin again");
    await page
      .locator("#example .log li", { hasText: "unauthorized: log in first" })
      .nth(1)
      .waitFor();
    await press(page, "Let the token expire");
    await shown(page, "The site does not know this login any more.");
    expect(site.problems.filter(isThrown)).toEqual([]);
  });
});

describeDemo("The demo's pages in a browser that has less", (site) => {
  it("upload: without HTTPS the server's sum is shown", async () => {
    const visitor = await site.visit();
    await visitor.addInitScript(() =>
      Object.defineProperty(crypto, "subtle", { value: undefined }),
    );
    const page = await site.open("/examples/upload", visitor);
    await page.setInputFiles("input[type=file]", {
      name: "<b> __proto__.txt",
      mimeType: "text/plain",
      buffer: Buffer.from("hello"),
    });
    await shown(page, "5 bytes arrived. The server's SHA-256 is 2cf24dba5fb0a30e26e83b2ac5b9e29e");
    expect(site.problems).toEqual([]);
  });

  it("offline: without a store notes are sent, and it is said once that they are not stored", async () => {
    const visitor = await site.visit();
    await visitor.addInitScript(() => {
      indexedDB.open = () => {
        throw new DOMException("denied", "SecurityError");
      };
    });
    const page = await site.open("/examples/offline", visitor);
    for (const words of ["one", "two"]) {
      await page.getByLabel("Note", { exact: true }).fill(words);
      await press(page, "Write");
      await shown(page, `“${words}” was delivered.`);
    }
    expect(await page.locator("#example .log li", { hasText: "storage-failed" }).count()).toBe(1);
    await page.locator("#example ol", { hasText: "Nothing." }).waitFor();
    expect(site.problems.filter(isThrown)).toEqual([]);
  });
});

describeDemo(
  "The demo's jobs",
  (site) => {
    it("are bounded, and it is said when there are too many", async () => {
      const config = (await (await fetch(`${site.demo.url}/config.json`)).json()) as {
        socketUrl: string;
      };
      const socket = io(`${config.socketUrl}/job`, {
        forceNew: true,
        // Node 20 has no WebSocket of its own
        transportOptions: { websocket: { WebSocket: WebSocket as any } },
      });
      const refused = new Promise((resolve) => {
        socket.on("message", (text: string) => text.startsWith("too many") && resolve(text));
      });
      const ended = new Promise((resolve) => socket.on("disconnect", resolve));
      for (let id = 0; id <= 100; id++) socket.emit("follow", id);
      expect(await refused).toBe("too many jobs: try again later");
      expect(await ended).toBe("io server disconnect");
    });
  },
  { fresh: true },
);

describeDemo("The search of the docs", (site) => {
  it("is told what could not be loaded, and tries again", async () => {
    const page = await site.open("/docs/");
    await page.route("**/docs/sections.json", (route) => route.abort());
    await page.fill("input[type=search]", "sticky");
    await page.locator("#results", { hasText: "The search could not be loaded" }).waitFor();
    await page.unroute("**/docs/sections.json");
    await page.fill("input[type=search]", "sticky sess");
    await page.locator("#results a", { hasText: "Several nodes" }).waitFor();
    expect(site.problems.filter(isThrown)).toEqual([]);
  });

  it("goes to the first section for Enter, also before it is loaded", async () => {
    const page = await site.open("/docs/");
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    await page.route("**/docs/sections.json", async (route) => {
      await gate;
      await route.continue();
    });
    const asked = page.waitForRequest("**/docs/sections.json");
    await page.fill("input[type=search]", "flush before leaving");
    await page.keyboard.press("Enter");
    await asked;
    release();
    await page.waitForURL(/\/docs\/[\w-]+/);
  });

  it("finds Chinese in the middle of a sentence", async () => {
    const page = await site.open("/docs/");
    await page.fill("input[type=search]", "服务器");
    await page.locator("#results a").first().waitFor();
    await page.fill("input[type=search]", "鼴鼠飛");
    await page.locator("#results", { hasText: "Nothing was found" }).waitFor();
  });

  it("survives what is pasted by mistake", async () => {
    const page = await site.open("/docs/");
    for (const words of [
      "<img src=x onerror=alert(1)>",
      "a ".repeat(50_000),
      TURNED,
      "\ud800",
      "__proto__",
    ]) {
      await page.fill("input[type=search]", words);
      await page.locator("#results [role=status]", { hasText: /found|section/ }).waitFor();
    }
    await page.fill("input[type=search]", "sticky sess");
    await page.locator("#results a", { hasText: "Several nodes" }).waitFor();
    expect(site.problems).toEqual([]);
  });
});

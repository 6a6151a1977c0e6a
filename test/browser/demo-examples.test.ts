import type { BrowserContext, Page } from "playwright-core";
import { io } from "socket.io-client";
import { beforeEach, expect, it } from "vitest";
import { examples } from "../../demo/examples.mjs";
import { describeDemo } from "./support/demo-site.ts";

describeDemo("The demo's examples", (site) => {
  let context: BrowserContext;

  beforeEach(async () => {
    context = await site.visit();
  });

  const open = async (id: string) => {
    const page = await site.open(`/examples/${id}`, context);
    await page.locator("#example .connection[data-connected=true]").first().waitFor();
    return page;
  };
  const press = (page: Page, name: string) =>
    page.locator("#example").getByRole("button", { name, exact: true }).click();
  const said = (page: Page, text: string | RegExp) =>
    page.locator("#example .log li", { hasText: text }).first().waitFor();
  /** Begins an upload, and presses another button at once when a part of it has arrived: it never arrives before that. */
  const uploadUntil = (page: Page, name: string) =>
    page.locator("#example").evaluate((example, name) => {
      const press = (start: string) =>
        [...example.querySelectorAll("button")]
          .find(({ textContent }) => textContent.startsWith(start))!
          .click();
      const output = example.querySelector("output")!;
      const isUnderWay = new Promise<void>((resolve) => {
        const observer = new MutationObserver(() => {
          if (!/^[1-9]\d? %/.test(output.textContent)) return;
          observer.disconnect();
          press(name);
          resolve();
        });
        observer.observe(output, { characterData: true, childList: true, subtree: true });
      });
      press("Upload 6 MB");
      return isUnderWay;
    }, name);

  it.each(examples.map(({ id }) => id))(
    "show their sources with the lines that matter: %s",
    async (id) => {
      const page = await site.open(`/examples/${id}`, context);
      await page.getByRole("button", { name: "Source" }).click();
      const { sources } = examples.find((example) => example.id === id)!;
      await page.locator("#source mark").first().waitFor();
      expect(await page.locator("#source h3").allTextContents()).toEqual(
        sources.map((file) => `demo/${file}`),
      );
      expect(await page.locator("#source pre").count()).toBe(sources.length);
      for (const code of await page.locator("#source pre").all()) {
        expect(await code.locator("mark").count()).toBeGreaterThan(0);
        expect(await code.textContent()).not.toContain("#region");
      }
    },
  );

  it("rooms: reach those who are in them, and a private message its person alone", async () => {
    const page = await open("rooms");
    const person = (name: string) => page.getByRole("region", { name, exact: true });
    const say = async (name: string, to: string, words: string) => {
      await person(name).getByLabel("To").selectOption({ label: to });
      await person(name).getByLabel("Message").fill(words);
      await person(name).getByRole("button", { name: "Send" }).click();
    };
    const lines = (name: string) => person(name).locator(".log li span").allTextContents();
    await page.locator("#example .connection[data-connected=true]").nth(2).waitFor();
    // Each has a connection of its own: what Ann says could overtake Ben on his way into the room.
    await person("Ben").getByLabel("red room").check();
    await say("Ben", "red room", "here");
    await person("Ben").getByText("red · Ben: here").waitFor();
    await person("Ann").getByLabel("red room").check();
    await say("Ann", "red room", "to the red ones");
    await person("Ben").getByText("red · Ann: to the red ones").waitFor();
    await say("Ann", "Cleo", "for you");
    await person("Cleo").getByText("private · Ann: for you").waitFor();
    await person("Ann").getByText("sent to Cleo alone").waitFor();
    expect(await lines("Ann")).toEqual(["red · Ann: to the red ones", "sent to Cleo alone"]);
    expect(await lines("Ben")).toEqual(["red · Ben: here", "red · Ann: to the red ones"]);
    expect(await lines("Cleo")).toEqual(["private · Ann: for you"]);
  });

  it("namespaces: let nobody into the admin area without a login, and fetch a fresh token when it has expired", async () => {
    const sockets: string[] = [];
    const page = await context.newPage();
    page.on("websocket", (socket) => sockets.push(socket.url()));
    // With long-polling for a beginning, where WebSocket is slow, there would be a second try with WebSocket.
    await page.route(/transport=polling/, (route) => route.abort());
    await page.goto(`${site.demo.url}/examples/namespaces`);
    await said(page, "unauthorized: log in first");
    await page.getByLabel("Password").fill("tautline");
    await press(page, "Log in");
    await said(page, "/admin: 42");
    expect(sockets).toHaveLength(1);
    const fresh = page.locator("#example .log li", { hasText: "A fresh token was fetched." });
    expect(await fresh.count()).toBe(1);
    await press(page, "Enter /admin again");
    await page.locator("#example .log li", { hasText: "/admin: entered" }).nth(1).waitFor();
    // the same token still does
    expect(await fresh.count()).toBe(1);
    await press(page, "Let the token expire");
    await said(page, "This token is over.");
    await press(page, "Enter /admin again");
    await said(page, "refused: the token has expired");
    await page.locator("#example .log li", { hasText: "/admin: entered" }).nth(2).waitFor();
    expect(await fresh.count()).toBe(2);
  });

  it("job: pushes progress to the end, goes on through a cut, and is not connected to again", async () => {
    const page = await site.open("/examples/job", context);
    await press(page, "Start the job");
    await said(page, "reading..");
    await site.demo.turn({ cut: true });
    await page.locator(".connection[data-connected=false]").waitFor();
    await site.demo.turn({ cut: false });
    await said(page, "io server disconnect: The server ended the connection.");
    await page.locator("output", { hasText: "100 %" }).waitFor();
    await page.locator("#announce", { hasText: "The job is done." }).waitFor({ state: "attached" });
  });

  it("job: is told of an end that came while it was away", async () => {
    const page = await context.newPage();
    await page.route(/transport=polling/, (route) => route.abort());
    const followed = new Promise<number>((resolve) => {
      page.on("websocket", (socket) =>
        socket.on("framesent", ({ payload }) => {
          const id = /"follow",(\d+)/.exec(String(payload))?.[1];
          if (id) resolve(Number(id));
        }),
      );
    });
    await page.goto(`${site.demo.url}/examples/job`);
    await press(page, "Start the job");
    await said(page, "reading..");
    await context.setOffline(true);
    await page.locator(".connection[data-connected=false]").waitFor();
    const config: any = await (await fetch(`${site.demo.url}/config.json`)).json();
    const other = io(`${config.socketUrl}/job`, { forceNew: true });
    const isOver = new Promise((resolve) => other.once("disconnect", resolve));
    other.emit("follow", await followed);
    expect(await isOver).toBe("io server disconnect");
    await context.setOffline(false);
    await said(page, "io server disconnect: The server ended the connection.");
  });

  it("upload: pauses, goes on through a cut, and arrives as it was", async () => {
    const page = await open("upload");
    await uploadUntil(page, "Pause");
    await press(page, "Resume");
    await site.demo.turn({ cut: true });
    await page.locator(".connection[data-connected=false]").waitFor();
    await site.demo.turn({ cut: false });
    await said(page, "6000000 bytes arrived, with the same SHA-256.");
    await page.locator("output", { hasText: "100 %" }).waitFor();
  });

  it("upload: can be aborted, and begun again", async () => {
    const page = await open("upload");
    await uploadUntil(page, "Abort");
    await said(page, "aborted");
    await press(page, "Upload 6 MB of random bytes");
    await said(page, "6000000 bytes arrived, with the same SHA-256.");
  });

  it("answer: is complete and in order after a cut", async () => {
    const page = await open("answer");
    await press(page, "Ask");
    await page.locator(".answer", { hasText: " 5 " }).waitFor();
    await site.demo.turn({ cut: true });
    await page.locator(".connection[data-connected=false]").waitFor();
    await site.demo.turn({ cut: false });
    await page.getByText("Complete: 81 words.").first().waitFor();
    const words = (await page.locator(".answer").textContent())!.split("” ")[1]!;
    expect(words.trim().split(" ")).toEqual(
      Array.from({ length: 80 }, (_w, index) => String(index + 1)),
    );
  });

  it("plain: talks, is told why a connection ended, and comes back where that makes sense", async () => {
    const page = await open("plain");
    const other = await open("plain");
    await page.getByLabel("Message").fill("hello");
    await press(page, "Send");
    await said(page, "[Echo] You sent -> hello");
    await said(other, "[user] hello");
    await press(page, "Let the server fail");
    await said(page, /^\S+1011 /);
    await page.locator(".connection[data-connected=true]").waitFor();
    await press(page, "Send 20 kB");
    await said(page, /1009 /);
    await page.locator(".connection[data-connected=true]").waitFor();
    await press(page, "Send “bye”");
    await said(page, /1000 .*wasClean true/);
    await page.locator(".connection", { hasText: "Disconnected" }).waitFor();
    await press(page, "Connect");
    await page.locator(".connection[data-connected=true]").waitFor();
  });

  it("frameworks: what one writes, the other shows", async () => {
    const page = await open("frameworks");
    const chat = (name: string) => page.locator(`[data-framework=${name}]`);
    for (const name of ["React", "Vue"]) {
      await chat(name).locator(".connection[data-connected=true]").waitFor();
    }
    await chat("React").getByLabel("Message", { exact: true }).fill("from React");
    await page.keyboard.press("Enter");
    await chat("Vue").locator("li", { hasText: "from React" }).waitFor();
    await chat("React").locator("li", { hasText: "from React ✓" }).waitFor();
    await chat("Vue").getByLabel("Message", { exact: true }).fill("from Vue");
    await page.keyboard.press("Enter");
    await chat("React").locator("li", { hasText: "from Vue" }).waitFor();
    await chat("Vue").locator("li", { hasText: "from Vue ✓" }).waitFor();
  });

  it("tabs: two have one connection, and the second goes on when the first is closed", async () => {
    const first = await open("tabs");
    await first.locator("[data-role=host]", { hasText: "Tabs: 1." }).waitFor();
    const second = await open("tabs");
    await second.locator("[data-role=guest]", { hasText: "Tabs: 2." }).waitFor();
    await first.locator("[data-clients]", { hasText: "1 client" }).waitFor();
    await second.getByLabel("Message to all tabs").fill("hello");
    await press(second, "Send");
    await said(first, "hello");
    await said(second, "hello");
    await first.close();
    await second.locator("[data-role=host]", { hasText: "Tabs: 1." }).waitFor();
    await second.getByLabel("Message to all tabs").fill("still here");
    await press(second, "Send");
    await said(second, "still here");
  });

  it("offline: what was written without a connection survives a reload, and is delivered once", async () => {
    const page = await open("offline");
    await site.demo.turn({ cut: true });
    await page.locator(".connection[data-connected=false]").waitFor();
    for (const words of ["one", "two"]) {
      await page.getByLabel("Note").fill(words);
      await press(page, "Write");
      await said(page, words);
    }
    // what it shows from here on is not the old one's
    await Promise.all([page.waitForEvent("load"), press(page, "Reload the page")]);
    await said(page, "two");
    await site.demo.turn({ cut: false });
    for (const words of ["one", "two"]) await said(page, `“${words}” was delivered.`);
    const delivered = page.locator(".log li", { hasText: "was delivered." });
    expect((await delivered.locator("span").allTextContents()).sort()).toEqual([
      "“one” was delivered.",
      "“two” was delivered.",
    ]);
    await said(page, "Nothing.");
  });
});

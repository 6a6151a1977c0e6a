import { randomUUID } from "node:crypto";
import type { Page } from "playwright-core";
import type { Server } from "socket.io";
import { describe, expect, it } from "vitest";
import { describeInBrowser } from "../../support/browser.ts";
import { openPage, startApp, useBrowser } from "../support/app.ts";
import { libraries, type Library } from "../support/libraries.ts";
import type { ClientToServer, ServerToClient, Task } from "./events.ts";

function serveTasks(io: Server<ClientToServer, ServerToClient>) {
  const tasks = new Map<string, Task>();
  const slow = { updates: false };
  io.on("connection", (socket) => {
    socket.on("task:list", (done) => done({ data: [...tasks.values()] }));
    socket.on("task:create", (given, done) => {
      const title = given.title.trim();
      if (!title)
        return done({ error: "invalid", fields: [{ name: "title", message: "is empty" }] });
      const task = { ...given, title, id: randomUUID() };
      tasks.set(task.id, task);
      done({ data: task });
      socket.broadcast.emit("task:created", task);
    });
    socket.on("task:update", (task, done) => {
      if (slow.updates) return;
      if (!tasks.has(task.id)) return done({ error: "gone" });
      tasks.set(task.id, task);
      done({ data: null });
      socket.broadcast.emit("task:updated", task);
    });
    socket.on("task:remove", (id, done) => {
      if (!tasks.delete(id)) return done({ error: "gone" });
      done({ data: null });
      socket.broadcast.emit("task:removed", id);
    });
  });
  return { tasks, slow };
}

const task = (page: Page, title: string) => page.locator("#tasks li", { hasText: title });
const problem = (page: Page, text: string): Promise<void> =>
  expect.poll(() => page.locator("#problem").textContent(), { timeout: 10_000 }).toBe(text);

async function create(page: Page, title: string): Promise<void> {
  await page.getByLabel("New task").fill(title);
  await page.keyboard.press("Enter");
}

describeInBrowser("Records that are created, read, updated and deleted", () => {
  const browser = useBrowser();

  async function setUp(library: Library) {
    const app = await startApp("records", library);
    const server = serveTasks(app.io);
    const ann = await openPage(browser(), app.url);
    const bob = await openPage(browser(), app.url);
    await expect.poll(() => app.io.of("/").sockets.size).toBe(2);
    return { app, ...server, ann, bob };
  }

  describe.each(libraries)("with $name", (library) => {
    it("are the same on each page, and there is an answer to each change", async () => {
      const { app, tasks, ann, bob } = await setUp(library);
      await create(ann, "Sow");
      await create(bob, "Reap");
      for (const page of [ann, bob]) {
        await task(page, "Sow").waitFor();
        await task(page, "Reap").waitFor();
      }
      await task(ann, "Reap").getByRole("checkbox").check();
      await expect.poll(() => task(bob, "Reap").getByRole("checkbox").isChecked()).toBe(true);
      await task(bob, "Sow").getByRole("button").click();
      await task(ann, "Sow").waitFor({ state: "detached" });
      expect([...tasks.values()]).toMatchObject([{ title: "Reap", isDone: true }]);
      const late = await openPage(browser(), app.url);
      await task(late, "Reap").waitFor();
    });

    it("answer with what is wrong", async () => {
      const { tasks, ann } = await setUp(library);
      await create(ann, " ");
      await problem(ann, "invalid, title: is empty");
      await create(ann, "Sow");
      await task(ann, "Sow").waitFor();
      await problem(ann, "");
      tasks.clear();
      await task(ann, "Sow").getByRole("button").click();
      await problem(ann, "gone");
    });

    it("tell of an answer that does not come", async () => {
      const { slow, ann } = await setUp(library);
      await create(ann, "Sow");
      slow.updates = true;
      await task(ann, "Sow").getByRole("checkbox").click();
      await problem(ann, "no answer");
      expect(await task(ann, "Sow").getByRole("checkbox").isChecked()).toBe(false);
    });
  });
});

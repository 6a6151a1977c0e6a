import type { Page } from "playwright-core";
import type { Server } from "socket.io";
import { describe, expect, it } from "vitest";
import { describeInBrowser } from "../../support/browser.ts";
import { openPage, settled, startApp, useBrowser } from "../support/app.ts";
import { libraries, type Library } from "../support/libraries.ts";

function serveBoard(io: Server): unknown[] {
  const lines: unknown[] = [];
  io.on("connection", (socket) => {
    socket.emit("lines", lines);
    socket.on("line", (line: unknown) => {
      lines.push(line);
      socket.broadcast.emit("line", line);
    });
    socket.on("cursor", (x: number, y: number) => {
      socket.broadcast.volatile.emit("cursor", socket.id, x, y);
    });
    socket.on("disconnect", () => socket.broadcast.emit("gone", socket.id));
  });
  return lines;
}

/** Red, green, blue and alpha at a place of the board. */
const inkAt = (page: Page, x: number, y: number): Promise<number[]> =>
  page.evaluate(
    ([left = 0, top = 0]) => {
      const board = document.querySelector<HTMLCanvasElement>("#board");
      return [...(board?.getContext("2d")?.getImageData(left, top, 1, 1).data ?? [])];
    },
    [x, y],
  );

const NO_INK = [0, 0, 0, 0];
const RED = [255, 0, 0, 255];

async function drawLine(page: Page): Promise<void> {
  await page.mouse.move(50, 150);
  await page.mouse.down();
  await page.mouse.move(350, 150, { steps: 40 });
  await page.mouse.up();
}

describeInBrowser("A whiteboard", () => {
  const browser = useBrowser();

  async function setUp(library: Library) {
    const app = await startApp("whiteboard", library);
    const lines = serveBoard(app.io);
    const artist = await openPage(browser(), app.url);
    const viewer = await openPage(browser(), app.url);
    await settled(2, app);
    return { app, lines, artist, viewer };
  }

  describe.each(libraries)("with $name", (library) => {
    it("shows to others what is drawn, without a gap, and who comes later sees it too", async () => {
      const { app, lines, artist, viewer } = await setUp(library);
      await drawLine(artist);
      await expect.poll(() => inkAt(viewer, 349, 150)).toEqual(RED);
      for (let x = 60; x < 350; x += 10) expect(await inkAt(viewer, x, 150)).toEqual(RED);
      expect(await inkAt(viewer, 200, 100)).toEqual(NO_INK);
      expect(lines.length).toBeGreaterThan(1);
      const late = await openPage(browser(), app.url);
      await expect.poll(() => inkAt(late, 349, 150)).toEqual(RED);
    });

    it("shows where others point, and no longer when they are gone", async () => {
      const { artist, viewer } = await setUp(library);
      const cursor = viewer.locator(".cursor");
      // volatile: one that comes at a bad moment is lost
      await expect
        .poll(async () => {
          await artist.mouse.move(100, 100);
          await artist.mouse.move(200, 200);
          return cursor.count();
        })
        .toBe(1);
      await artist.close();
      await cursor.waitFor({ state: "detached" });
    });
  });
});

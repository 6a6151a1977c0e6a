import * as parser from "socket.io-msgpack-parser";
import { expect, it } from "vitest";
import { describeInBrowser } from "../../support/browser.ts";
import { openPage, startApp, useBrowser } from "../support/app.ts";
import { libraries } from "../support/libraries.ts";

const SUM = 33_586;

describeInBrowser("An app with the msgpack parser", () => {
  const browser = useBrowser();

  it.each(libraries)("sends and receives binary data with $name", async (library) => {
    const app = await startApp("sensors", library, { server: { parser } });
    const received: unknown[] = [];
    app.io.on("connection", (socket) => {
      socket.on("reading", (reading: { tags: unknown }, done: (answer: unknown) => void) => {
        received.push(reading.tags);
        done(reading);
        socket.broadcast.emit("reading", reading);
      });
    });
    const roof = await openPage(browser(), `${app.url}/#roof`);
    const other = await openPage(browser(), app.url);
    await expect.poll(() => app.io.of("/").sockets.size).toBe(2);
    await roof.getByRole("button").click();
    await roof.locator("#own", { hasText: `roof ${SUM}` }).waitFor();
    await other.locator("#log li", { hasText: `roof ${SUM}` }).waitFor();
    expect(received).toEqual([[1.5, null, "é"]]);
  });
});

import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";

/*
 * A page in the hands of somebody who has nothing but a keyboard. Such a page must not lose the focus: when the control
 * that has it becomes disabled or goes away after a press, the next Tab begins at the top.
 *
 *   await visitor.addInitScript(watchFocus);
 *   const keys = new Keyboard(await visitor.newPage());
 *   await keys.press("button", "Send");
 *   await keys.hasKeptFocus();
 */

type Role = Parameters<Page["getByRole"]>[0];

/** More than any page of the demo has. */
const MOST_TABS = 120;

export class Keyboard {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Tabs to the control, once the page's script has made it one: until then Tab passes it over. */
  async to(control: Locator): Promise<void> {
    await control.and(this.page.locator(":not(:disabled)")).waitFor();
    const focused = control.and(this.page.locator(":focus"));
    for (let tabs = 0; (await focused.count()) === 0; tabs++) {
      if (tabs === MOST_TABS) expect.fail(`Tab does not lead to ${String(control)}`);
      await this.page.keyboard.press("Tab");
    }
  }

  /** Tabs to the control with this accessible name, and presses it: boxes and switches with Space. */
  async press(role: Role, name: string | RegExp, within: Page | Locator = this.page) {
    await this.to(within.getByRole(role, { name, exact: true }));
    await this.page.keyboard.press(role === "button" || role === "link" ? "Enter" : "Space");
  }

  /** Tabs to the field with this accessible name, where Tab has selected what is in it, types, and presses Enter. */
  async write(name: string, text: string, within: Page | Locator = this.page) {
    await this.to(within.getByLabel(name, { exact: true }).and(this.page.locator("input")));
    await this.page.keyboard.type(text);
    await this.page.keyboard.press("Enter");
  }

  /** Tabs to the menu with this accessible name, and goes down to the option. */
  async choose(name: string, option: string, within: Page | Locator = this.page) {
    const menu = within.getByRole("combobox", { name, exact: true });
    await this.to(menu);
    const labels = await menu.locator("option").allTextContents();
    await this.page.keyboard.press("Home");
    for (let i = labels.indexOf(option); i > 0; i--) await this.page.keyboard.press("ArrowDown");
    expect(await menu.locator("option:checked").textContent()).toBe(option);
  }

  /** The focus stayed in the page, in every frame since it was loaded. */
  async hasKeptFocus(): Promise<void> {
    const losses = await this.page.evaluate(() =>
      (globalThis as unknown as { focusLosses(): Promise<string[]> }).focusLosses(),
    );
    expect(losses).toEqual([]);
  }
}

/** Runs in each page, before everything else. After a press, a frame in which nothing has the focus is a loss. */
export function watchFocus(): void {
  // The simulator has frames of its own.
  const { requestAnimationFrame } = globalThis;
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const losses: string[] = [];
  let press = "";
  Object.assign(globalThis, {
    async focusLosses() {
      // What the last press has done to the page is drawn in the first.
      await frame();
      await frame();
      return losses;
    },
  });
  addEventListener(
    "keydown",
    ({ key, target }) => {
      // Tab may leave the page at its end.
      press = key === "Tab" ? "" : `${key} on ${(target as Element).outerHTML.slice(0, 100)}`;
    },
    { capture: true },
  );
  const look = () => {
    if (press !== "" && document.activeElement === document.body) {
      losses.push(press);
      press = "";
    }
    requestAnimationFrame(look);
  };
  look();
}

import type { BrowserContext, Locator, Page } from "playwright-core";

/** One visitor's window on the chat room, in the visitor's own words. */
export class ChatPage {
  readonly page: Page;
  /** What the page complained of: script errors, and what its policy or the script's integrity forbade. */
  readonly problems: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on("pageerror", (error) => this.problems.push(error.message));
  }

  /** @param address the chat page, with a query when one is wanted */
  static async open(context: BrowserContext, address: string): Promise<ChatPage> {
    const chat = new ChatPage(await context.newPage());
    await chat.page.goto(address);
    await chat.stateIs("connected");
    return chat;
  }

  /** Writes it and presses Enter. */
  async say(text: string): Promise<void> {
    await this.page.getByLabel("Message", { exact: true }).fill(text);
    await this.page.keyboard.press("Enter");
  }

  async callOneself(name: string): Promise<void> {
    await this.page.getByLabel("Your name").fill(name);
    await this.page.keyboard.press("Enter");
  }

  message(text: string): Locator {
    return this.page.locator("#log .message", { hasText: text });
  }

  async sees(text: string): Promise<void> {
    await this.page.locator("#log li", { hasText: text }).first().waitFor();
  }

  async statusOf(text: string, status: "waiting" | "sending" | "delivered"): Promise<void> {
    await this.page.locator(`#log [data-status="${status}"]`, { hasText: text }).waitFor();
  }

  async stateIs(state: "connecting" | "connected" | "waiting" | "disconnected"): Promise<void> {
    await this.page.locator(`#status[data-state="${state}"]`).waitFor();
  }

  async transportIs(name: "polling" | "websocket"): Promise<void> {
    await this.page.locator(`#status[data-transport="${name}"]`).waitFor();
  }

  /** The texts of all messages, from the oldest on. */
  texts(): Promise<string[]> {
    return this.page.locator("#log .message-text").allTextContents();
  }
}

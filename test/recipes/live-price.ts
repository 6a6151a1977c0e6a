import { io, type Socket } from "../../src/index.js";

/** `<live-price server="https://example.com" item="rope"></live-price>` */
export class LivePrice extends HTMLElement {
  static readonly observedAttributes = ["server", "item"];
  private _socket: Socket | undefined;

  connectedCallback() {
    // not shared: an element that is moved within the page disconnects and connects again
    const socket = (this._socket = io(this.getAttribute("server") ?? undefined, {
      forceNew: true,
    }));
    const item = this.getAttribute("item");
    socket.on("connect", () => socket.emit("watch", item));
    socket.on("price", (value: number) => {
      this.textContent = String(value);
    });
    socket.on("disconnect", () => this.setAttribute("stale", ""));
    socket.on("connect", () => this.removeAttribute("stale"));
  }

  disconnectedCallback() {
    this._socket?.disconnect();
    this._socket = undefined;
  }

  attributeChangedCallback() {
    if (!this._socket) return;
    this.disconnectedCallback();
    this.connectedCallback();
  }
}

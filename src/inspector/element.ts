import { elementHost } from "../platform/elements.js";
import type { Recording } from "../recorder/recording.js";
import { View } from "./view.js";

/** `<tautline-inspector>`: shows a recording. */
export interface InspectorElement extends HTMLElement {
  /** The recording that it shows; undefined: none. */
  recording: Recording | undefined;
}

declare global {
  interface HTMLElementTagNameMap {
    "tautline-inspector": InspectorElement;
  }
}

/**
 * Defines the element `<tautline-inspector>`. Calling it again does nothing, and neither does a call where there are no custom
 * elements: on a server that renders pages.
 *
 * @param name - of the element. @default "tautline-inspector"
 * @example defineInspector();
 */
export function defineInspector(name = "tautline-inspector"): void {
  const host = elementHost();
  if (!host || host.customElements.get(name)) return;
  // defined here, because a server has no such class to extend
  class Inspector extends host.HTMLElement implements InspectorElement {
    private _recording: Recording | undefined;
    private _view: View | undefined;

    constructor() {
      super();
      this.attachShadow({ mode: "open" });
    }

    get recording(): Recording | undefined {
      return this._recording;
    }

    set recording(recording: Recording | undefined) {
      this.disconnectedCallback();
      this._recording = recording;
      if (this.isConnected) this.connectedCallback();
    }

    connectedCallback(): void {
      // a property that was set before the element was defined hides the accessor
      if (Object.prototype.hasOwnProperty.call(this, "recording")) {
        const { recording } = this;
        delete (this as Partial<InspectorElement>).recording;
        this._recording = recording;
      }
      const root = this.shadowRoot as ShadowRoot;
      this._view?.stop();
      this._view = this._recording && new View(root, this._recording);
      if (!this._view) root.replaceChildren();
      this._view?.start();
    }

    disconnectedCallback(): void {
      this._view?.stop();
      this._view = undefined;
    }
  }
  host.customElements.define(name, Inspector);
}

import { host, listenTo } from "./browser.js";
import type { Cancel, TabLocks, TabPort } from "./platform.js";

/** What a tab finds around it. */
export interface TabHost {
  readonly locks: TabLocks;
  /** Opens the channel of a name; who opens the same one hears what is posted. */
  channel(name: string): TabPort;
  /** Listens to an event of the page or of its document. */
  on(type: string, listener: (event: { readonly type: string }) => void): Cancel;
  readonly isHidden: boolean;
}

/** This page as a tab among others; undefined where the host cannot do it: an insecure origin, React Native, Node. */
export function tabHost(): TabHost | undefined {
  const { navigator, BroadcastChannel: Channel, document } = host;
  const { locks } = navigator ?? {};
  if (!locks || !Channel || !document) return undefined;
  return {
    locks,
    channel: (name) => new Channel(name),
    on: (type, listener) =>
      listenTo(/^page/.test(type) ? globalThis : host.document, type, listener),
    get isHidden() {
      return host.document?.visibilityState === "hidden";
    },
  };
}

import { Connector } from "../engine/connector.js";
import type { Share } from "../manager/share.js";
import { checkOption } from "../options/check-options.js";
import { tabHost } from "../platform/tabs.js";
import { PROTOCOL, SCOPE } from "./messages.js";
import { Tab } from "./tab.js";
import type { SharedHost } from "./worker-host.js";

/** Options of {@link shared}. */
export interface SharedOptions {
  /**
   * Whose connection it is: the id of the user, or of the session. Tabs with another key have another connection, and see nothing
   * of this one.
   */
  key: string;
  /** Where the connection is. @default in one of the tabs; `inWorker(..)`: in a SharedWorker of the app's */
  host?: SharedHost;
}

/**
 * The tabs of one user have one connection to the server: see docs/shared.md. Where the host cannot do that, each tab has its
 * own.
 *
 * @throws TautlineError `invalid-option` without a key
 * @example const socket = io(url, { share: shared({ key: user.id }) });
 */
export function shared({ key, host: look = tabHost }: SharedOptions): Share {
  checkOption("key(key)", key || null);
  return {
    key,
    join(manager, parts, timers, codec) {
      const host = look();
      const { opts, uri } = manager;
      const { query, extraHeaders } = opts;
      const { place } = new Connector(uri, opts, {}, timers);
      const scope = JSON.stringify([PROTOCOL, key, place, query, extraHeaders]);
      if (host) return new Tab(manager, parts, timers, codec, SCOPE + scope, host);
      const adopt = (socket: object): void => {
        const state = { role: "alone", tabs: 1 };
        Object.assign(socket, { shared: { ...state, disconnectAll() {} } });
      };
      return { settings: manager, parts, adopt };
    },
  };
}

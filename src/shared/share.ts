import { Connector } from "../engine/connector.js";
import { TautlineError } from "../errors.js";
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
  /**
   * The name of what stands in the option `parser`, which is needed with one: tabs with parsers of other names, or without any,
   * have another connection.
   */
  parser?: string;
  /** Where the connection is. @default in one of the tabs; `inWorker(..)`: in a SharedWorker of the app's */
  host?: SharedHost;
}

/**
 * The tabs of one user have one connection to the server: see docs/shared.md. Where the host cannot do that, each tab has its
 * own.
 *
 * @throws TautlineError `invalid-option` without a key; where it is used, with the option `parser` but without a name for it
 * @example const socket = io(url, { share: shared({ key: user.id }) });
 */
export function shared({ key, parser, host: look = tabHost }: SharedOptions): Share {
  checkOption("key(key)", key || null);
  return {
    key,
    join(manager, parts, timers, codec) {
      const host = look();
      const { opts, uri } = manager;
      const { query, extraHeaders } = opts;
      if ((opts as { parser?: object }).parser && !parser)
        throw new TautlineError(
          "invalid-option",
          "`parser`: shared() takes a name for it, { key, parser }",
        );
      const { place } = new Connector(uri, opts, {}, timers);
      const scope = JSON.stringify([PROTOCOL, key, place, query, extraHeaders, parser]);
      if (host) return new Tab(manager, parts, timers, codec, SCOPE + scope, host);
      const adopt = (socket: object): void => {
        const state = { role: "alone", tabs: 1 };
        Object.assign(socket, { shared: { ...state, disconnectAll() {} } });
      };
      return { settings: manager, parts, adopt };
    },
  };
}

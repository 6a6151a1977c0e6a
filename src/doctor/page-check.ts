import { host, isOnline, pageLocation } from "../platform/browser.js";
import { watchPolicy } from "../platform/content-policy.js";
import type { Cancel } from "../platform/platform.js";
import { isLoopback, type Endpoint } from "../url.js";

/** What the page itself blocks or lacks. */
export interface PageFindings {
  readonly isOffline: boolean;
  /** Its Content-Security-Policy has blocked a request to the server. */
  readonly isForbidden: boolean;
  /** A page over https:, and a server over http:. */
  readonly isMixed: boolean;
  /** The server is of another origin than the page. */
  readonly isCrossOrigin: boolean;
}

/** Listens for violations of the page's policy. */
export class PageCheck {
  readonly stop: Cancel;
  private _isForbidden = false;

  /** @param forbidden - called when the policy has blocked a request: then nothing else has to be checked */
  constructor(
    private readonly _endpoint: Endpoint,
    forbidden: () => void,
  ) {
    this.stop = watchPolicy(_endpoint.hostname, () => {
      this._isForbidden = true;
      forbidden();
    });
  }

  get findings(): PageFindings {
    const { hostname, secure, origin } = this._endpoint;
    const page = pageLocation();
    return {
      isOffline: !isOnline(hostname),
      isForbidden: this._isForbidden,
      isMixed: page?.protocol === "https:" && !secure && !isLoopback(hostname),
      isCrossOrigin: !!page && !isSame(page, origin),
    };
  }
}

function isSame(
  { protocol, host: name }: { protocol: string; host: string },
  origin: string,
): boolean {
  const port = /:\d+$/.test(name) ? "" : protocol === "https:" ? ":443" : ":80";
  return `${protocol}//${name}${port}`.toLowerCase() === origin;
}

/** Whether this host can send requests at all. */
export function canFetch(): boolean {
  return typeof host.fetch === "function";
}

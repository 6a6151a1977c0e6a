import type { Attempt } from "../errors.js";
import { host, isOnline } from "../platform/browser.js";
import { watchPolicy } from "../platform/content-policy.js";
import { isLocalNetworkBlocked } from "../platform/local-network.js";
import type { Cancel, Timers } from "../platform/platform.js";
import { retryAfterOf } from "../transports/http-request.js";
import type { Connector } from "./connector.js";
import { polled, refusalIn, UNSUPPORTED_VERSION, UPGRADE_REQUIRED } from "./failure.js";
import type { Diagnosis, DiagnosisPart, Finding, Knowledge, Outage } from "./parts.js";

/** The part that an entry hands in. */
export const diagnosis: DiagnosisPart = (connector, timers) => new PageDiagnosis(connector, timers);

/**
 * A host doesn't say why a WebSocket or a cross-origin request failed. One more request tells "nothing there"
 * from "there, but blocked" or "there, but CORS": engine.io answers a session id that it doesn't know with a
 * refusal of its own. A page's own policy tells of itself by an event.
 */
class PageDiagnosis implements Diagnosis {
  readonly stop: Cancel;
  private readonly _connector: Connector;
  private readonly _timers: Timers;
  private _isForbidden = false;

  constructor(connector: Connector, timers: Timers) {
    this._connector = connector;
    this._timers = timers;
    this.stop = watchPolicy(connector.hostname, () => (this._isForbidden = true));
  }

  async investigate(
    attempts: readonly Attempt[],
    signal: AbortSignal,
    outage: Outage,
  ): Promise<Finding | undefined> {
    // the event of a policy is fired in a task of its own
    await new Promise<void>((done) => this._timers.after(0, done));
    const polling = polled(attempts);
    // when polling got an answer, or the host itself said why, a request would tell no more
    const isKnown = polling ? polling.code !== "unreachable" : attempts.some(isExplained);
    if (!this._isForbidden && !isKnown && isOnline(this._connector.hostname)) {
      const { place } = this._connector;
      // the same symptoms have the same cause
      const symptoms = attempts.map(({ transport, code }) => transport + code).join();
      const known = outage.get(place);
      if (known) return known.symptoms === symptoms ? known.finding : undefined;
      const found: Knowledge = { symptoms };
      outage.set(place, found);
      found.finding = await this._ask(polling, signal);
      // the request may have been what the policy told of
      if (!this._isForbidden) return found.finding;
    }
    return this._isForbidden ? { code: "csp" } : undefined;
  }

  private async _ask(
    polling: Attempt | undefined,
    signal: AbortSignal,
  ): Promise<Finding | undefined> {
    const { fetch } = host;
    if (!fetch || signal.aborted) return;
    const { url, isCrossOrigin, withCredentials } = this._connector.probeTarget();
    const credentials = withCredentials ? "include" : "same-origin";
    if (!polling)
      try {
        return await read(await fetch(url, { signal, credentials }));
      } catch {
        // no answer that may be read; the next request tells whether there is one at all
      }
    if (isCrossOrigin)
      try {
        await fetch(url, { signal, credentials, mode: "no-cors" });
        return { code: polling ? "cors" : "websocket-blocked" };
      } catch {
        // nothing answers
      }
    return (await isLocalNetworkBlocked(this._connector.hostname))
      ? { code: "local-network-blocked" }
      : undefined;
  }
}

/** The host itself said why a transport can't be used. */
function isExplained({ code }: Attempt): boolean {
  return code === "websocket-blocked" || code === "unsupported-version";
}

async function read(response: Response): Promise<Finding> {
  const { status } = response;
  const refusal = refusalIn(status, await response.text());
  if (refusal === UNSUPPORTED_VERSION) return { code: "unsupported-version" };
  if (refusal !== undefined) return { code: "websocket-blocked" };
  if (status === UPGRADE_REQUIRED || status < 300) return { code: "not-socketio" };
  const retryAfter = retryAfterOf(status, response.headers.get("retry-after"));
  return { code: "http-status", status, retryAfter };
}

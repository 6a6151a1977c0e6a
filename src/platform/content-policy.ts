import { listenTo } from "./browser.js";
import type { Cancel } from "./platform.js";

/**
 * Calls `blocked` for each request to a host that the page's Content-Security-Policy has blocked. What a policy in
 * Content-Security-Policy-Report-Only tells of has been sent all the same.
 */
export function watchPolicy(hostname: string, blocked: () => void): Cancel {
  const wanted = hostname.toLowerCase();
  // a document's event bubbles up to the global object; a worker's is fired at it
  return listenTo(globalThis, "securitypolicyviolation", (event) => {
    const { blockedURI, disposition, effectiveDirective } = event as SecurityPolicyViolationEvent;
    if (effectiveDirective !== "connect-src" || disposition === "report") return;
    const [scheme, , host = ""] = blockedURI.split("/") as [string, string?, string?];
    // of an address that isn't http, some browsers tell the scheme only
    if (/^wss?$/.test(scheme) || host.replace(/:\d+$|[[\]]/g, "") === wanted) blocked();
  });
}

import { isLoopback } from "../url.js";
import { host } from "./browser.js";

/** Addresses that are never on the internet, besides those of the machine itself. */
const LOCAL =
  /^(10|169\.254|192\.168|172\.(1[6-9]|2\d|3[01]))\.|^(f[cd][\da-f]{2}|fe80):|\.local$/i;

/** Names of the permission to reach them, which browsers have changed. */
const PERMISSIONS = ["local-network-access", "local-network", "loopback-network"];

/** Whether this page may not reach that host, because it is in the user's own network. */
export async function isLocalNetworkBlocked(hostname: string): Promise<boolean> {
  const { permissions } = (host.navigator ?? {}) as Partial<Navigator>;
  if (permissions && (isLoopback(hostname) || LOCAL.test(hostname)))
    for (const name of PERMISSIONS)
      try {
        const { state } = await permissions.query({ name: name as PermissionName });
        if (state === "denied") return true;
      } catch {
        // a name that this browser doesn't have
      }
  return false;
}

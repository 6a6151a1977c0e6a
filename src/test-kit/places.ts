import { invalid } from "./checks.js";
import type { Endpoint } from "./endpoint.js";

/** A server that was put on the network, whatever it speaks. */
interface Place {
  readonly path: string;
  readonly endpoint: Endpoint;
}

/** Who listens at which address. */
export class Places {
  private readonly _byOrigin = new Map<string, Place[]>();

  /** @throws TautlineError `invalid-option` for what is no address, and while somebody listens there */
  put(url: string, path: string, endpoint: Endpoint): void {
    const origin = originOf(url);
    if (!origin) throw invalid(`${JSON.stringify(url)} is not an http(s) or ws(s) address`);
    const open = (this._byOrigin.get(origin) ?? []).filter((place) => !place.endpoint.isClosed);
    if (open.some((place) => place.path === path))
      throw invalid(`another server has the address ${origin}${path}: close it first`);
    this._byOrigin.set(origin, [...open, { path, endpoint }]);
  }

  find(url: string): Endpoint | undefined {
    const { pathname } = new URL(url, "http://nowhere");
    return this._byOrigin
      .get(originOf(url) ?? "")
      ?.find(({ path, endpoint }) => !endpoint.isClosed && `${pathname}/`.startsWith(path))
      ?.endpoint;
  }
}

/** http and ws are one. */
function originOf(url: string): string | undefined {
  try {
    const { protocol, host } = new URL(url);
    if (!/^(http|ws)s?:$/.test(protocol)) return undefined;
    return protocol.replace("ws", "http") + "//" + host;
  } catch {
    return undefined;
  }
}

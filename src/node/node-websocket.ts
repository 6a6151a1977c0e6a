import type { ClientRequest, IncomingMessage } from "node:http";
import { host } from "../platform/browser.js";
import type { WebSocketClass, WebSocketLike } from "../platform/platform.js";
import type { TransportOptions } from "../transports/transport.js";
import { WebSocketTransport } from "../transports/websocket.js";
import { jarOf, withCookies } from "./credentials.js";
import { requestOptions, tlsOptions } from "./host-options.js";
import { dispatcherOf } from "./unref.js";

/** What the class of `ws` takes, and what it has besides the interface of browsers. */
type NodeClass = new (
  url: string,
  protocols: string | string[] | undefined,
  options: object,
) => WebSocketLike & { on?(event: "upgrade", listener: (response: IncomingMessage) => void): void };

/** What Node's own class takes. */
type HostClass = new (url: string, options?: object | string) => WebSocketLike;

/** WebSocket in Node: the class of `ws`, or the host's own (Node 22), with headers, cookies and TLS options. */
export class NodeWebSocket extends WebSocketTransport {
  protected override create(
    Class: WebSocketClass,
    url: string,
    options: TransportOptions,
  ): WebSocketLike {
    // a host that emulates a browser takes the arguments of a browser
    if (host.document) return super.create(Class, url, options);
    const { extraHeaders = {}, protocols, autoUnref = false, path, perMessageDeflate } = options;
    const jar = jarOf(options);
    const headers = withCookies(extraHeaders, jar, path);
    if (Class.prototype instanceof EventTarget)
      return createOwn(Class as unknown as HostClass, url, headers, options);
    const socket = new (Class as unknown as NodeClass)(url, protocols, {
      ...requestOptions(options),
      ...(perMessageDeflate !== undefined && { perMessageDeflate }),
      ...(autoUnref && {
        finishRequest(request: ClientRequest) {
          request.on("socket", (tcp) => tcp.unref());
          request.end();
        },
      }),
      headers,
    });
    if (jar) socket.on?.("upgrade", (response) => jar.store(response.headers["set-cookie"], path));
    return socket;
  }
}

function createOwn(
  Class: HostClass,
  url: string,
  headers: Record<string, string>,
  options: TransportOptions,
): WebSocketLike {
  const { protocols, autoUnref = false } = options;
  const forTls = tlsOptions(options);
  const dispatcher =
    autoUnref || Object.keys(forTls).length ? dispatcherOf(forTls, autoUnref) : undefined;
  // other hosts with Node's conditions accept fewer options here: pass them only where they are needed
  if (!dispatcher && !Object.keys(headers).length)
    return protocols ? new Class(url, protocols) : new Class(url);
  return new Class(url, {
    headers,
    ...(protocols && { protocols }),
    ...(dispatcher && { dispatcher }),
  });
}

/** The causes. docs/doctor.md has a section for each. */
export type Cause =
  | "none"
  | "invalid-address"
  | "invalid-option"
  | "offline"
  | "csp"
  | "mixed-content"
  | "local-network-blocked"
  | "dns"
  | "connection-refused"
  | "tls"
  | "wrong-scheme"
  | "unreachable"
  | "timeout"
  | "slow"
  | "cors"
  | "redirect"
  | "http-unauthorized"
  | "http-forbidden"
  | "rate-limited"
  | "wrong-path"
  | "server-error"
  | "http-status"
  | "not-socketio"
  | "unsupported-version"
  | "polling-disabled"
  | "session-unknown"
  | "post-blocked"
  | "polling-hangs"
  | "websocket-disabled"
  | "websocket-blocked"
  | "websocket-hangs"
  | "websocket-silent"
  | "no-websocket"
  | "connect-unanswered"
  | "refused"
  | "unknown-namespace";

/** How to fix a cause, in a sentence or two. */
export const FIXES: { readonly [cause in Cause]: string } = {
  none: "Nothing to mend: a client connects.",
  "invalid-address": "Give an http(s) or ws(s) address with a host, as io() takes it.",
  "invalid-option": "Give options that can be sent: the evidence says which one cannot.",
  offline: "Connect the device to a network. Tautline connects by itself when the network is back.",
  csp: "Add the server to connect-src of the page's Content-Security-Policy, once as https: and once as wss:.",
  "mixed-content":
    "Serve Socket.IO over TLS and use an https: address: an https: page may not reach an http: server.",
  "local-network-blocked":
    "Serve the page over https: and let the user allow access to devices in the local network.",
  dns: "Check the host name: no address is known for it.",
  "connection-refused": "Start the server, or check the port: nothing listens there.",
  tls: "Mend the certificate: its name, its date, and the chain to a trusted authority.",
  "wrong-scheme": "Use the other scheme: the server is there, but http: and https: are exchanged.",
  unreachable:
    "Check host, port, DNS and the certificate: open the address in a tab of the browser, which shows what a page is not told.",
  timeout:
    "Check firewalls, proxies and the server itself: connections are accepted or swallowed, and nothing is answered.",
  slow: "Give diagnose() more time with its timeout option, or look at the network and at what the server does with each request: it answers slowly.",
  cors: "Set the cors option of the server: new Server(http, { cors: { origin: the page's origin } }). With withCredentials also credentials: true.",
  redirect: "Use the address that the server redirects to: a WebSocket follows no redirect.",
  "http-unauthorized":
    "Something before Socket.IO asks for credentials: send them (extraHeaders, withCredentials), or let the path through.",
  "http-forbidden":
    "Check allowRequest of the server, and the rules of the proxy or firewall before it.",
  "rate-limited":
    "Wait, and raise the limit of the proxy for this path: each polling request counts.",
  "wrong-path":
    "Check the path option of client and server (default /socket.io/), and that the proxy forwards it.",
  "server-error":
    "Look at the logs of the server and of the proxy: the proxy does not reach the server, or the server fails.",
  "http-status":
    "Check the path option and what stands before the server: it answers with this status.",
  "not-socketio":
    "Check the address and the path option: something else than a Socket.IO server answers there.",
  "unsupported-version": "Update the server to Socket.IO 3 or 4.",
  "polling-disabled":
    'The server takes no polling: use transports: ["websocket"], or allow polling there.',
  "session-unknown":
    'Make the load balancer\'s sessions sticky, or use transports: ["websocket"]. Stickiness by cookie needs withCredentials: true on other origins.',
  "post-blocked":
    "Let the proxy or firewall pass POST requests of the type text/plain to the path.",
  "polling-hangs":
    "Switch off buffering and caching for the path in the proxy, and let requests last longer than the server's pingInterval.",
  "websocket-disabled":
    "Allow websocket in the server's transports. Until then the connection stays on polling.",
  "websocket-blocked":
    "Let the proxy forward upgrades: in nginx proxy_http_version 1.1 with the Upgrade and Connection headers. Until then polling carries the connection.",
  "websocket-hangs":
    "Let the proxy or firewall forward WebSocket upgrades, or refuse them: now they are swallowed. Polling carries the connection.",
  "websocket-silent":
    "Look at the proxy before the server: it accepts WebSockets, and does not pass on what is sent over them.",
  "no-websocket":
    "This host has no WebSocket class: give one as the WebSocket option, or in Node install ws.",
  "connect-unanswered":
    "Look at the middlewares of the namespace: one of them throws, calls next() late, or never.",
  refused: "Give the credentials that the server's middleware asks for, as the auth option.",
  "unknown-namespace":
    "The path of the address is the namespace: create it on the server, or use the path option for a server below a path.",
};

const PAGE = "https://github.com/tautline/tautline/blob/main/docs/doctor.md#";

/** The address of its section. */
export function docsOf(cause: Cause): string {
  return PAGE + cause;
}

import type { Hints } from "./parts.js";

/** What the codes mean, in plain words; docs/errors.md says what to do. */
export const hints: Hints = {
  offline: "the device is offline",
  timeout: "no answer in time: a firewall or proxy may swallow it",
  unreachable: "nothing answered: wrong host or port, server down, DNS or TLS problem",
  "websocket-blocked": "HTTP works, but WebSocket fails: a proxy or the server blocks it",
  cors: "the server's CORS headers don't let this page in",
  "http-status": "an HTTP error status: check the path option and the proxies",
  "not-socketio": "this isn't a Socket.IO server: check the URL and the path option",
  "unsupported-version": "the server is Socket.IO 2 or older: version 3 or 4 is needed",
  "session-unknown": "the load balancer has no sticky sessions, which long-polling needs",
  csp: "the page's Content-Security-Policy forbids the address: add it to connect-src",
  "local-network-blocked": "the browser doesn't let this page reach the local network",
  "too-large": "larger than the server takes: see its maxHttpBufferSize",
};

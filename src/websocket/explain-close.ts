/** What a close code means. */
export interface CloseExplanation {
  readonly code: number;
  /** The name in RFC 6455 or the IANA registry; "app" for codes of the app's own, "unknown" for others. */
  readonly name: string;
  /** In a sentence. */
  readonly meaning: string;
  /** Whose fault it usually is. */
  readonly fault: "nobody" | "network" | "client" | "server" | "app";
  /** Whether a `ReconnectingWebSocket` reconnects, unless `shouldReconnect` says otherwise. */
  readonly reconnects: boolean;
}

type Row = readonly [name: string, fault: CloseExplanation["fault"], meaning: string];

const ROWS: { readonly [code: number]: Row } = {
  1000: ["normal closure", "nobody", "what the connection was for is done"],
  1001: ["going away", "nobody", "the server shuts down, or the page was left"],
  1002: [
    "protocol error",
    "client",
    "one side broke the WebSocket protocol; often a proxy in between",
  ],
  1003: ["unsupported data", "client", "the server takes no data of this kind, such as binary"],
  1005: ["no status", "nobody", "the connection was closed without saying why"],
  1006: [
    "abnormal closure",
    "network",
    "the connection broke, or never opened: no network, a wrong address, a refused upgrade, or a server that crashed. Browsers don't tell which",
  ],
  1007: ["invalid payload", "client", "a text was no UTF-8, or no message of the expected form"],
  1008: [
    "policy violation",
    "client",
    "the server refuses this client: look at its login and its origin",
  ],
  1009: ["message too big", "client", "a message is larger than the other side takes"],
  1010: ["missing extension", "server", "the server did not agree to an extension that is needed"],
  1011: ["internal error", "server", "the server failed while it handled the connection"],
  1012: ["service restart", "server", "the server restarts"],
  1013: ["try again later", "server", "the server has too much to do"],
  1014: ["bad gateway", "server", "a gateway got no sound answer from the server behind it"],
  1015: ["TLS handshake", "server", "the TLS connection failed: look at the certificate"],
};

/**
 * Says what a close event, or its code, means and whose fault it usually is.
 *
 * @example ws.onclose = (event) => log(explainClose(event).meaning);
 */
export function explainClose(event: { readonly code: number } | number): CloseExplanation {
  const code = typeof event === "number" ? event : event.code;
  const [name, fault, meaning] = ROWS[code] ?? rangeOf(code);
  return { code, name, meaning, fault, reconnects: isTransient(code) };
}

/** Whether another try has a chance, as far as a code can tell. */
export function isTransient(code: number): boolean {
  return !/^(100[08]|40..)$/.test(`${code}`);
}

function rangeOf(code: number): Row {
  if (code >= 4000 && code < 4100)
    return ["app", "app", "the server refuses this client, for a reason of the app's own"];
  if (code >= 4000 && code < 5000) return ["app", "app", "a code of the app's own"];
  if (code >= 3000 && code < 4000)
    return ["registered", "app", "a code of a library or framework on top of WebSocket"];
  return ["unknown", "server", "a code that no standard knows"];
}

const DISCONNECTS = {
  "io server disconnect": "The server ended the connection, so it is not opened again by itself.",
  "io client disconnect": "This page ended the connection.",
  "ping timeout": "The server fell silent, so the connection was given up.",
  "transport close": "The connection was closed on the way.",
  "transport error": "The transport failed.",
  "parse error": "A message could not be read, so the connection was given up.",
  "forced close": "The connection was closed by force.",
};

const TRANSPORTS = {
  websocket: "WebSocket",
  polling: "HTTP long-polling",
  webtransport: "WebTransport",
};

export function explainDisconnect(reason) {
  return DISCONNECTS[reason] ?? reason;
}

export function nameTransport(transport) {
  return TRANSPORTS[transport] ?? transport ?? "no transport";
}

/**
 * What an error means, as sentences: the client's hint, and whether it is worth trying again.
 *
 * @param {Error & { hint?: string, isFinal?: boolean }} error
 * @returns {string | undefined}
 */
export function explainError({ hint, isFinal }) {
  const sentences = [
    hint && `${hint[0].toUpperCase()}${hint.slice(1)}.`,
    isFinal && "Trying again does not help.",
  ];
  return sentences.filter(Boolean).join(" ") || undefined;
}

/**
 * A failed connection as plain data.
 *
 * @param {Error & { code?: string, type?: string, hint?: string, isFinal?: boolean, attempts?: object[] }} error
 */
export function describeError(error) {
  return {
    code: error.code ?? error.type ?? "error",
    message: error.message,
    hint: explainError(error),
    attempts: error.attempts ?? [],
    at: Date.now(),
  };
}

/**
 * What failed on the way to a connection that works: undefined when nothing did.
 *
 * @param {{ transport: { name: string }, attempts?: readonly object[] }} engine
 */
export function describeDetour({ transport, attempts = [] }) {
  if (attempts.length === 0) return undefined;
  const failed = attempts.map((attempt) => nameTransport(attempt.transport)).join(" and ");
  return {
    code: attempts[0].code,
    message: `${failed} did not get through, ${nameTransport(transport.name)} did.`,
    attempts: [...attempts],
    at: Date.now(),
  };
}

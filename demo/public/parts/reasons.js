import { t, tOr } from "./texts.js";

export function explainDisconnect(reason) {
  return tOr(`reasons.${keyOf(reason)}`, reason);
}

export function nameTransport(transport) {
  return tOr(`transports.names.${transport}`, transport ?? t("transports.none"));
}

/** A code in a few words; the words of the error where there are none for it. */
export function explainCode(code, otherwise) {
  return tOr(`reasons.${keyOf(code)}`, otherwise);
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
    isFinal && t("failure.final"),
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

/** A connection that was lost, by the reason of `disconnect`. */
export function describeLoss(reason) {
  return { code: reason, message: explainDisconnect(reason), attempts: [], at: Date.now() };
}

/**
 * What failed on the way to a connection that works: undefined when nothing did.
 *
 * @param {{ transport: { name: string }, attempts?: readonly object[] }} engine
 */
export function describeDetour({ transport, attempts = [] }) {
  if (attempts.length === 0) return undefined;
  const failed = attempts.map((attempt) => nameTransport(attempt.transport)).join(", ");
  return {
    code: attempts[0].code,
    message: t("failure.detour", { failed, used: nameTransport(transport.name) }),
    attempts: [...attempts],
    at: Date.now(),
    isDetour: true,
  };
}

/** Reasons of the client are written with spaces, codes with hyphens. */
function keyOf(code) {
  return code.replaceAll(" ", "-");
}

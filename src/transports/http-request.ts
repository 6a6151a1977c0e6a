import { host } from "../platform/browser.js";
import type { Cancel } from "../platform/platform.js";
import type { TransportOptions } from "./transport.js";

/** What came of it. Status 0: no answer that we may read. */
export interface HttpResult {
  status: number;
  body: string;
  /** Milliseconds that a busy server asks to wait. */
  retryAfter?: number | undefined;
  /** The XMLHttpRequest or the Response. */
  context?: unknown;
  cause?: unknown;
}

/**
 * Sends a request, calls `done` exactly once unless it is cancelled.
 *
 * @param body - of a POST; without one it is a GET
 */
export type HttpSend = (
  url: string,
  body: string | undefined,
  options: TransportOptions,
  done: (result: HttpResult) => void,
) => Cancel;

/** Who sends requests, and what its errors say of a failed GET and of a failed POST, as in engine.io-client. */
export interface Carrier {
  readonly send: HttpSend;
  readonly reading: string;
  readonly writing: string;
}

const sendXhr: HttpSend = (url, body, options, done) => {
  const { withCredentials = false, requestTimeout = 0, timers } = options;
  let xhr: XMLHttpRequest;
  try {
    // throws where the host has none, and where the address or a header is none
    xhr = new (host.XMLHttpRequest as typeof XMLHttpRequest)();
    xhr.open(methodOf(body), url);
    for (const [name, value] of Object.entries(headersOf(body, options)))
      xhr.setRequestHeader(name, value);
  } catch (cause) {
    return timers.after(0, () => done({ status: 0, body: "", cause }));
  }
  xhr.withCredentials = withCredentials;
  xhr.timeout = requestTimeout;
  // one that was cut off or timed out may show a status without its body; in React Native with an error as its text
  let status = 0;
  xhr.onload = () => {
    status = xhr.status;
  };
  xhr.onloadend = () => {
    // getResponseHeader() writes an error to the console where the page may not read the header
    const header = isBusy(status) && /^retry-after: *(.+)/im.exec(xhr.getAllResponseHeaders())?.[1];
    const retryAfter = retryAfterOf(status, header);
    done({ status, body: status ? xhr.responseText : "", retryAfter, context: xhr });
  };
  xhr.send(body);
  return () => {
    xhr.onloadend = null;
    xhr.abort();
  };
};

const sendFetch: HttpSend = (url, body, options, done) => {
  const { withCredentials, requestTimeout, timers } = options;
  const abort = new AbortController();
  const timer = requestTimeout ? timers.after(requestTimeout, () => abort.abort()) : undefined;
  let isCancelled = false;
  const request = async (): Promise<HttpResult> => {
    // throws where the host has none
    const response = await (host.fetch as typeof fetch)(url, {
      method: methodOf(body),
      body,
      headers: headersOf(body, options),
      credentials: withCredentials ? "include" : "same-origin",
      // outside of browsers, a redirect would take the app's headers to another origin
      redirect: host.document ? "follow" : "manual",
      signal: abort.signal,
    });
    const { status, headers } = response;
    const retryAfter = retryAfterOf(status, headers.get("retry-after"));
    // an app that is told of a failure may read the body too
    const responseText = await (status === 200 ? response : response.clone()).text();
    const context = Object.assign(response, { responseText });
    return { status, body: responseText, retryAfter, context };
  };
  void request()
    .catch((cause: unknown) => ({ status: 0, body: "", cause }))
    .then((result) => {
      timer?.();
      if (!isCancelled) done(result);
    });
  return () => {
    timer?.();
    isCancelled = true;
    abort.abort();
  };
};

export const xhrCarrier: Carrier = { send: sendXhr, reading: "xhr poll", writing: "xhr post" };
export const fetchCarrier: Carrier = {
  send: sendFetch,
  reading: "fetch read",
  writing: "fetch write",
};

function isBusy(status: number): boolean {
  return status === 429 || status === 503;
}

/**
 * The `Retry-After` of a server that is busy (429, 503): seconds, or a date.
 *
 * @returns milliseconds; undefined when there is none
 */
export function retryAfterOf(
  status: number,
  header: string | false | null | undefined,
): number | undefined {
  if (!isBusy(status) || !header) return undefined;
  const ms = Number(header) * 1000 || Date.parse(header) - Date.now();
  return ms > 0 ? ms : undefined;
}

export function methodOf(body: string | undefined): string {
  return body === undefined ? "GET" : "POST";
}

/** Names are in lower case: the app's win however they are written. */
export function headersOf(
  body: string | undefined,
  { extraHeaders = {} }: TransportOptions,
): Record<string, string> {
  const headers: Record<string, string> = { accept: "*/*" };
  if (body !== undefined) headers["content-type"] = "text/plain;charset=UTF-8";
  for (const [name, value] of Object.entries(extraHeaders)) headers[name.toLowerCase()] = value;
  return headers;
}

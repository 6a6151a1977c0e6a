import { host } from "../platform/browser.js";
import type { Cancel } from "../platform/platform.js";
import type { TransportOptions } from "./transport.js";

export interface HttpRequest {
  url: string;
  /** The body of a POST; without one it is a GET. */
  body: string | undefined;
  options: TransportOptions;
}

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

/** Sends a request, calls `done` exactly once unless it is cancelled. */
export type HttpSend = (request: HttpRequest, done: (result: HttpResult) => void) => Cancel;

export const sendXhr: HttpSend = (request, done) => {
  if (!host.XMLHttpRequest) return fail(request, done, "this host has no XMLHttpRequest");
  const xhr = new host.XMLHttpRequest();
  try {
    // throws where the address or a header is none
    xhr.open(methodOf(request), request.url);
    for (const [name, value] of Object.entries(headersOf(request)))
      xhr.setRequestHeader(name, value);
  } catch (cause) {
    return fail(request, done, cause);
  }
  xhr.withCredentials = request.options.withCredentials ?? false;
  xhr.timeout = request.options.requestTimeout ?? 0;
  xhr.onloadend = () => {
    xhr.onloadend = null;
    // an aborted or timed out request may show a status without its body
    const status = xhr.readyState === 4 ? xhr.status : 0;
    const body = status ? xhr.responseText : "";
    // getResponseHeader() writes an error to the console where the page may not read the header
    const header = isBusy(status) && /^retry-after: *(.+)/im.exec(xhr.getAllResponseHeaders())?.[1];
    done({ status, body, retryAfter: retryAfterOf(status, header), context: xhr });
  };
  xhr.send(request.body);
  return () => {
    xhr.onloadend = null;
    xhr.abort();
  };
};

export const sendFetch: HttpSend = (request, done) => {
  if (!host.fetch) return fail(request, done, "this host has no fetch");
  const { url, body, options } = request;
  const { requestTimeout, timers } = options;
  const abort = new AbortController();
  const timer = requestTimeout ? timers.after(requestTimeout, () => abort.abort()) : undefined;
  let cancelled = false;
  void host
    .fetch(url, {
      method: methodOf(request),
      body,
      headers: headersOf(request),
      credentials: options.withCredentials ? "include" : "same-origin",
      // outside of browsers, a redirect would take the app's headers to another origin
      redirect: host.document ? "follow" : "manual",
      signal: abort.signal,
    })
    .then(async (response) => ({
      status: response.status,
      body: await response.text(),
      retryAfter: retryAfterOf(response.status, response.headers.get("retry-after")),
      context: response,
    }))
    .catch((cause: unknown) => ({ status: 0, body: "", cause }))
    .then((result) => {
      timer?.();
      if (!cancelled) done(result);
    });
  return () => {
    timer?.();
    cancelled = true;
    abort.abort();
  };
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

function methodOf({ body }: HttpRequest): string {
  return body === undefined ? "GET" : "POST";
}

function headersOf({ body, options }: HttpRequest): Record<string, string> {
  return {
    Accept: "*/*",
    ...(body !== undefined && { "Content-Type": "text/plain;charset=UTF-8" }),
    ...options.extraHeaders,
  };
}

function fail(request: HttpRequest, done: (result: HttpResult) => void, cause: unknown): Cancel {
  return request.options.timers.after(0, () => done({ status: 0, body: "", cause }));
}

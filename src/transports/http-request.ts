import { fetchFunction, xhrClass } from "../platform/browser.js";
import type { Cancel, Timers } from "../platform/platform.js";

export interface HttpRequest {
  url: string;
  /** The body of a POST; without one it is a GET. */
  body?: string;
  headers: Record<string, string>;
  withCredentials: boolean;
  /** Milliseconds; 0 = never. */
  timeout: number;
  timers: Timers;
}

/** What came of it. Status 0: no answer that we may read. */
export interface HttpResult {
  status: number;
  body: string;
  /** The XMLHttpRequest or the Response. */
  context?: unknown;
  cause?: unknown;
}

/** Sends a request, calls `done` exactly once unless it is cancelled. */
export type HttpSend = (request: HttpRequest, done: (result: HttpResult) => void) => Cancel;

const TEXT = "text/plain;charset=UTF-8";

export const sendXhr: HttpSend = (request, done) => {
  const Class = xhrClass();
  if (!Class) return fail(request, done, "this host has no XMLHttpRequest");
  const xhr = new Class();
  try {
    prepare(xhr, request);
  } catch (cause) {
    return fail(request, done, cause);
  }
  xhr.onloadend = () => {
    xhr.onloadend = null;
    // an aborted or timed out request may show a status without its body
    const status = xhr.readyState === 4 ? xhr.status : 0;
    done({ status, body: status ? xhr.responseText : "", context: xhr });
  };
  xhr.send(request.body ?? null);
  return () => {
    xhr.onloadend = null;
    xhr.abort();
  };
};

/** Throws where the address or a header is none. */
function prepare(xhr: XMLHttpRequest, request: HttpRequest): void {
  xhr.open(request.body === undefined ? "GET" : "POST", request.url, true);
  for (const name of Object.keys(request.headers))
    xhr.setRequestHeader(name, request.headers[name] as string);
  if (request.body !== undefined) xhr.setRequestHeader("Content-Type", TEXT);
  xhr.setRequestHeader("Accept", "*/*");
  xhr.withCredentials = request.withCredentials;
  xhr.timeout = request.timeout;
}

export const sendFetch: HttpSend = (request, done) => {
  const fetch = fetchFunction();
  if (!fetch) return fail(request, done, "this host has no fetch");
  const abort = new AbortController();
  let finish: ((result: HttpResult) => void) | undefined = done;
  const timer = request.timeout
    ? request.timers.after(request.timeout, () => abort.abort())
    : undefined;
  const settle = (result: HttpResult): void => {
    timer?.();
    const report = finish;
    finish = undefined;
    report?.(result);
  };
  const { body } = request;
  fetch(request.url, {
    method: body === undefined ? "GET" : "POST",
    ...(body !== undefined && { body }),
    headers: {
      Accept: "*/*",
      ...(body !== undefined && { "Content-Type": TEXT }),
      ...request.headers,
    },
    credentials: request.withCredentials ? "include" : "same-origin",
    signal: abort.signal,
  })
    .then(async (response) =>
      settle({ status: response.status, body: await response.text(), context: response }),
    )
    .catch((cause: unknown) => settle({ status: 0, body: "", cause }));
  return () => {
    timer?.();
    finish = undefined;
    abort.abort();
  };
};

function fail(request: HttpRequest, done: (result: HttpResult) => void, cause: unknown): Cancel {
  return request.timers.after(0, () => done({ status: 0, body: "", cause }));
}

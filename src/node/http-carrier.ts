import http from "node:http";
import https from "node:https";
import {
  type Carrier,
  headersOf,
  type HttpResult,
  type HttpSend,
  methodOf,
  retryAfterOf,
} from "../transports/http-request.js";
import { jarOf, withCookies } from "./credentials.js";
import { requestOptions } from "./host-options.js";

const sendHttp: HttpSend = (url, body, options, done) => {
  const { requestTimeout, timers, path, secure, autoUnref } = options;
  const jar = jarOf(options);
  let isOver = false;
  const finish = (result: HttpResult): void => {
    if (isOver) return;
    isOver = true;
    timeout?.();
    done(result);
  };
  const fail = (cause: unknown): void => finish({ status: 0, body: "", cause });
  let request: http.ClientRequest;
  try {
    request = (secure ? https : http).request(url, {
      ...requestOptions(options),
      method: methodOf(body),
      headers: {
        ...withCookies(headersOf(body, options), jar, path),
        ...(body !== undefined && { "Content-Length": String(Buffer.byteLength(body)) }),
      },
    });
  } catch (cause) {
    // the address, a header or an option is invalid
    return timers.after(0, () => done({ status: 0, body: "", cause }));
  }
  const timeout = requestTimeout
    ? timers.after(requestTimeout, () => request.destroy(new Error("the request took too long")))
    : undefined;
  // when an agent reuses the socket, that request keeps the process alive again
  if (autoUnref) request.on("socket", (socket) => socket.unref());
  request.on("error", fail).on("response", (response) => {
    const { statusCode: status = 0, headers } = response;
    let text = "";
    jar?.store(headers["set-cookie"], path);
    response.setEncoding("utf8");
    response.on("data", (chunk: string) => (text += chunk));
    response.on("error", fail);
    response.on("end", () => {
      const retryAfter = retryAfterOf(status, headers["retry-after"]);
      // what an XMLHttpRequest has, where apps look for it
      const { statusMessage: statusText } = response;
      const context = Object.assign(response, { status, statusText, responseText: text });
      finish({ status, body: text, retryAfter, context });
    });
  });
  request.end(body);
  return () => {
    isOver = true;
    timeout?.();
    request.destroy();
  };
};

/** Polling over node:http and node:https: with cookies, agents and TLS options, and without holding the process. */
export const httpCarrier: Carrier = { send: sendHttp, reading: "http poll", writing: "http post" };

import { refusalIn } from "../engine/failure.js";
import { quote } from "../errors.js";
import { host } from "../platform/browser.js";
import { type Handshake, parseHandshake } from "../protocol/handshake.js";
import { ABSENT_PACKET, type Asking, isOfAbsent, LATE, type Welcome, welcomeIn } from "./asking.js";

/** The outcome of an HTTP request. */
export type Answer =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly body: string;
      readonly refusal: number | undefined;
    }
  /** A redirect, which was not followed. */
  | { readonly kind: "redirect" }
  /** No readable answer. */
  | { readonly kind: "failed"; readonly cause: unknown }
  /** No answer until the time was over; with a status: the body did not end in time. */
  | { readonly kind: "silent"; readonly status?: number };

/** A request of a session that failed. */
export interface Trouble {
  readonly request: "GET" | "POST";
  /** "closed": the server has closed the session. */
  readonly answer: Answer | { readonly kind: "closed" };
  /** Milliseconds until its answer, or until the time was over. */
  readonly waited: number;
}

/** The outcome of the first request of polling, and of the following ones. */
export interface PollingFindings {
  readonly first: Answer;
  /** Milliseconds that it took. */
  readonly firstMs: number;
  /** Of `first`, when it is one. */
  readonly handshake?: Handshake;
  /** The server is Socket.IO 2 or older. */
  readonly isOld?: boolean;
  /** With no readable answer: whether the server answered a request whose answer a page may not read. */
  readonly isThere?: boolean;
  /** The outcome of the session's own requests: the first one that was not "ok". */
  readonly trouble?: Trouble;
  /** The server answers over polling, but not to CONNECT. */
  readonly isHeard?: boolean;
  readonly welcome?: Welcome;
  /** With cookies the session was found. */
  readonly needsCookies?: boolean;
}

/** How many requests of one session must find it: a balancer with two servers loses one in two. */
const POSTS = 4;
/** The part of the time that is spent on them at most, when the server is slow. */
const SHARE = 0.5;
/** Answers to polls before the one to CONNECT: pings, noops. */
const POLLS = 5;
/** An Engine.IO pong, which changes nothing on the server. */
const HARMLESS = "3";
const CLOSE = "1";
/** Redirects that hosts follow. */
const REDIRECTS = [301, 302, 303, 307, 308];
/** The rest of a body is not needed. */
const MAX_BODY = 100_000;

/** Opens a session over polling, as a client does, uses it, and closes it. */
export async function checkPolling(asking: Asking): Promise<PollingFindings> {
  const { timers } = asking;
  const startedAt = timers.now();
  const first = await request(asking, asking.address("http", "polling"));
  const firstMs = timers.now() - startedAt;
  if (first.kind === "failed")
    return {
      first,
      firstMs,
      isThere: await isThere(asking, asking.address("http", "polling", "tautline-doctor")),
    };
  if (first.kind !== "answer" || first.status !== 200) return { first, firstMs };
  let handshake: Handshake;
  try {
    handshake = parseHandshake(first.body);
  } catch (error) {
    const isOld = (error as { code?: string }).code === "unsupported-version";
    return { first, firstMs, isOld };
  }
  const used = await useSession(asking, handshake.sid);
  const isLost = used.trouble?.answer.kind === "answer" && used.trouble.answer.refusal === 1;
  if (!isLost || asking.withCredentials) return { first, firstMs, handshake, ...used };
  return { first, firstMs, handshake, ...used, needsCookies: await worksWithCookies(asking) };
}

async function useSession(
  asking: Asking,
  sid: string,
): Promise<Pick<PollingFindings, "trouble" | "welcome" | "isHeard">> {
  const { timers, deadline } = asking;
  const url = asking.address("http", "polling", sid);
  const startedAt = timers.now();
  const half = startedAt + (deadline - startedAt) * SHARE;
  let welcome: Welcome | undefined;
  let isHeard = false;
  const ask = async (method: Trouble["request"], body?: string): Promise<Answer | Trouble> => {
    const since = timers.now();
    const answer = await request(asking, url, body);
    if (answer.kind === "answer" && answer.status === 200) return answer;
    return { request: method, answer, waited: timers.now() - since };
  };
  const poll = async (): Promise<Trouble | undefined> => {
    for (let polls = 0; polls < POLLS && !welcome; polls++) {
      const answer = await ask("GET");
      if ("request" in answer) return answer;
      if (answer.kind !== "answer") break;
      for (const packet of answer.body.split("\x1e")) {
        if (packet === CLOSE && !welcome)
          return { request: "GET", answer: { kind: "closed" }, waited: 0 };
        if (isOfAbsent(packet)) isHeard = true;
        else welcome ??= welcomeIn(packet);
      }
    }
    return undefined;
  };
  const post = async (): Promise<Trouble | undefined> => {
    for (let posts = 0; posts < POSTS && !(posts && timers.now() > half); posts++) {
      const answer = await ask("POST", posts ? HARMLESS : asking.connectPacket);
      if ("request" in answer) return answer;
    }
    return undefined;
  };
  let late = (): void => {};
  const posting = post();
  const polling = poll();
  // one POST at a time
  void posting.then((lost) => {
    const left = startedAt + LATE - timers.now();
    if (!lost && !welcome)
      late = timers.after(Math.max(0, left), () => void request(asking, url, ABSENT_PACKET));
  });
  // when a POST is lost, no GET gets an answer, so do not wait for it
  const lost = await posting;
  const trouble = lost ?? (await polling);
  late();
  if (!lost) void request(asking, url, CLOSE);
  return { ...(trouble && { trouble }), ...(welcome && { welcome }), isHeard };
}

async function worksWithCookies(asking: Asking): Promise<boolean> {
  const { handshake, trouble } = await checkPolling({ ...asking, withCredentials: true });
  return !!handshake && !trouble;
}

async function request(asking: Asking, url: string, body?: string): Promise<Answer> {
  const { signal, headers, withCredentials } = asking;
  let answered: { status?: number } = {};
  try {
    const response = await (host.fetch as typeof fetch)(url, {
      signal,
      redirect: "manual",
      cache: "no-store",
      credentials: withCredentials ? "include" : "same-origin",
      headers: {
        ...headers,
        ...(body !== undefined && { "content-type": "text/plain;charset=UTF-8" }),
      },
      ...(body !== undefined && { method: "POST", body }),
    });
    const { status, type } = response;
    if (type === "opaqueredirect" || REDIRECTS.includes(status)) return { kind: "redirect" };
    answered = { status };
    const text = await startOf(response);
    return {
      kind: "answer",
      status,
      body: text,
      refusal: refusalIn(status, text),
    };
  } catch (cause) {
    return signal.aborted ? { kind: "silent", ...answered } : { kind: "failed", cause };
  }
}

/** The start of a body of any length. Where it is not a stream, the host reads all of it. */
async function startOf(response: Response): Promise<string> {
  const reader = response.body?.getReader?.();
  if (!reader) return (await response.text()).slice(0, MAX_BODY);
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    text += decoder.decode(value, { stream: !done });
    if (done) return text;
    if (text.length < MAX_BODY) continue;
    // the answer does not matter
    reader.cancel().catch(() => {});
    return text.slice(0, MAX_BODY);
  }
}

/** Whether anything answers there, readable or not. */
async function isThere({ signal }: Asking, url: string): Promise<boolean> {
  try {
    await (host.fetch as typeof fetch)(url, {
      signal,
      mode: "no-cors",
      cache: "no-store",
      credentials: "omit",
    });
    return true;
  } catch {
    return false;
  }
}

/** A description of the answer. */
export function told(answer: Trouble["answer"]): string {
  switch (answer.kind) {
    case "answer":
      return `HTTP ${answer.status}, ${quote(answer.body)}`;
    case "redirect":
      return "a redirect";
    case "closed":
      return "the server closed the session";
    case "failed":
      return "no answer that may be read";
    case "silent":
      return answer.status === undefined
        ? "no answer in time"
        : `HTTP ${answer.status}, and a body that did not end in time`;
  }
}

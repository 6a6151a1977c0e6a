/**
 * What a page does to find out how a WebSocket class behaves: the same for the browser's own and for this one. It is bundled
 * into the page by websocket-site.ts, and asked by name: `await behave("close codes", "native")`.
 *
 * To extend: a behaviour is a function of the class and the server's address that gives what it has seen, as JSON. Where the two
 * classes are meant to differ, websocket-drop-in.test.ts has a line that says how and why.
 */
import { transcriptsOf } from "../../support/kit-scenario.js";
import { network } from "../../../src/test-kit/index.js";
import * as tautline from "../../../src/websocket/index.js";

type Class = typeof WebSocket;
type Behaviour = (Socket: Class, url: string) => unknown;

/** Milliseconds that a behaviour may take: all of them end, on a machine that stalls too. */
const PATIENCE = 30_000;

/** How many times 50 ms go by until this is over. What does not run while the machine stalls does not count either. */
const ticksUntil = async (over: Promise<unknown>): Promise<number> => {
  let ticks = 0;
  const clock = setInterval(() => ticks++, 50);
  await over;
  clearInterval(clock);
  return ticks;
};

const next = (target: EventTarget, type: string): Promise<any> =>
  new Promise((resolve) => target.addEventListener(type, resolve, { once: true }));

const opened = async (Socket: Class, url: string, protocols?: string[]): Promise<WebSocket> => {
  const ws = new Socket(url, protocols);
  ws.binaryType = "arraybuffer";
  await next(ws, "open");
  return ws;
};

const thrownBy = (act: () => unknown): string => {
  try {
    act();
    return "nothing";
  } catch (error) {
    const { name } = error as Error;
    return `${error instanceof DOMException ? "DOMException " : ""}${name}`;
  }
};

const closed = ({ code, reason, wasClean }: CloseEvent) => ({ code, reason, wasClean });

const read = async (data: unknown): Promise<unknown> => {
  if (typeof data === "string") return data;
  const buffer = data instanceof Blob ? await data.arrayBuffer() : (data as ArrayBuffer);
  return [Object.prototype.toString.call(data), ...new Uint8Array(buffer)];
};

/** What the server hears, and says back. */
const echoed =
  (data: unknown, type: BinaryType = "arraybuffer"): Behaviour =>
  async (Socket, url) => {
    const ws = await opened(Socket, `${url}/echo`);
    ws.binaryType = type;
    ws.send(data as string);
    const { data: back } = await next(ws, "message");
    ws.close();
    return read(back);
  };

const sent: Record<string, unknown> = {
  "a text": "hello",
  "an empty text": "",
  "letters of all planes": "aé€😀",
  "a lone surrogate": "\ud800x",
  "a long text": "x".repeat(70_000),
  "a number": 5,
  null: null,
  undefined: undefined,
  "an object": { a: 1 },
  "an array": [1, 2],
  "an ArrayBuffer": new Uint8Array([1, 2, 3]).buffer,
  "an empty ArrayBuffer": new ArrayBuffer(0),
  "a view of a part": new Uint8Array([1, 2, 3, 4]).subarray(1, 3),
  "a DataView": new DataView(new Uint8Array([1, 2, 3, 4]).buffer, 2),
  "a Float64Array": new Float64Array([1]),
  "a Blob": new Blob(["blob"]),
  "an empty Blob": new Blob([]),
};

const addresses: Record<string, () => string | URL> = {
  "of another scheme": () => "ftp://example.com/",
  "with a fragment": () => "ws://example.com/#a",
  "with an empty fragment": () => "ws://example.com/#",
  "that is no address": () => "ws://",
  "with a bad port": () => "ws://example.com:99999/",
  "with a space in its host": () => "ws://a b/",
  "that is mailto:": () => "mailto:a@b",
};

const protocols: Record<string, unknown> = {
  "given twice": ["a", "a"],
  "given twice in other letters": ["a", "A"],
  empty: "",
  "with a space": "a b",
  "with a comma": ["a,b"],
  "that are not ASCII": "é",
  "with an empty one": ["a", ""],
};

const codes = [0, 500, 999, 1000, 1001, 1005, 1006, 1015, 2999, 3000, 4999, 5000, 65536, -1];

const each = <T>(table: Record<string, T>, name: string, of: (value: T) => Behaviour) =>
  Object.fromEntries(Object.entries(table).map(([key, value]) => [`${name} ${key}`, of(value)]));

export const behaviours: Record<string, Behaviour> = {
  ...each(addresses, "an address", (address) => (Socket) => thrownBy(() => new Socket(address()))),
  ...each(
    protocols,
    "protocols",
    (list) => (Socket, url) => thrownBy(() => new Socket(`${url}/echo`, list as string)),
  ),
  ...each(sent, "send:", (data) => echoed(data)),
  "send: an ArrayBuffer, received as a Blob": echoed(new Uint8Array([1, 2]).buffer, "blob"),
  ...Object.fromEntries(
    codes.map((code): [string, Behaviour] => [
      `close(${code})`,
      async (Socket, url) => {
        const ws = await opened(Socket, `${url}/echo`);
        const thrown = thrownBy(() => ws.close(code));
        const { readyState } = ws;
        if (thrown !== "nothing") ws.close();
        return { thrown, readyState, event: closed(await next(ws, "close")) };
      },
    ]),
  ),

  "an address with http: or https:": (Socket, url) => {
    const ws = new Socket(url.replace("ws:", "http:") + "/echo");
    ws.close();
    return ws.url === `${url}/echo`;
  },
  "a relative address": (Socket) => {
    const ws = new Socket("/echo");
    ws.close();
    return ws.url === new URL("/echo", location.href).href.replace("http:", "ws:");
  },
  "an address is written in full": (Socket, url) => {
    const ws = new Socket(`${url.toUpperCase().replace("WS:", "wS:")}?a b`);
    ws.close();
    return ws.url.slice(url.length);
  },
  "an address as URL": (Socket, url) => {
    const ws = new Socket(new URL(`${url}/echo`));
    ws.close();
    return ws.url.slice(url.length);
  },
  "no argument": (Socket) => thrownBy(() => new (Socket as any)()),
  "called without new": (Socket) => thrownBy(() => (Socket as any)("ws://localhost/")),
  "a subprotocol": async (Socket, url) => {
    const ws = new Socket(`${url}/echo`, ["one", "two"]);
    const before = ws.protocol;
    await next(ws, "open");
    ws.close();
    return [before, ws.protocol];
  },
  "a subprotocol that the server does not take": async (Socket, url) => {
    const ws = new Socket(`${url}/no-protocol`, "one");
    const error = await next(ws, "error");
    const close = next(ws, "close");
    const ticks = await ticksUntil(close);
    return [error.type, closed(await close), ticks < 10];
  },
  constants: (Socket, url) => {
    const ws = new Socket(`${url}/echo`);
    ws.close();
    const names = ["CONNECTING", "OPEN", "CLOSING", "CLOSED"] as const;
    for (const name of names)
      for (const owner of [Socket, ws])
        thrownBy(() => {
          (owner as any)[name] = 9;
        });
    return names.map((name) => [Socket[name], ws[name]]);
  },
  "attributes before it is open": (Socket, url) => {
    const ws = new Socket(`${url}/echo`);
    const seen = [ws.readyState, ws.protocol, ws.extensions, ws.bufferedAmount, ws.binaryType];
    ws.close();
    return seen;
  },
  "attributes can't be set": (Socket, url) => {
    const ws = new Socket(`${url}/echo`);
    const names = ["url", "readyState", "bufferedAmount", "protocol", "extensions"] as const;
    const thrown = names.map((name) =>
      thrownBy(() => {
        (ws as any)[name] = "x";
      }),
    );
    ws.close();
    return [thrown, ws.url === `${url}/echo`];
  },
  "binaryType takes two words": (Socket, url) => {
    const ws = new Socket(`${url}/echo`);
    const seen = ["arraybuffer", "", "ArrayBuffer", "blob", null, "text"].map((type) => {
      thrownBy(() => {
        ws.binaryType = type as BinaryType;
      });
      return ws.binaryType;
    });
    ws.close();
    return seen;
  },
  "on* takes functions, objects and null": (Socket, url) => {
    const ws = new Socket(`${url}/echo`);
    const names = ["onopen", "onmessage", "onerror", "onclose"] as const;
    const seen = names.map((name) => {
      const values = [() => 0, { handleEvent: () => 0 }, 5, "x", null, undefined];
      return values.map((value) => {
        (ws as any)[name] = value;
        return ws[name] === value ? "same" : String(ws[name]);
      });
    });
    ws.close();
    return seen;
  },
  "handlers and listeners in order": async (Socket, url) => {
    const ws = new Socket(`${url}/echo`);
    const seen: unknown[] = [];
    ws.addEventListener("open", () => seen.push("first"));
    ws.onopen = () => seen.push("replaced");
    ws.addEventListener("open", () => seen.push("last"));
    ws.onopen = function (event) {
      seen.push(this === ws, event.target === ws, event.currentTarget === ws, arguments.length);
    };
    await next(ws, "open");
    ws.close();
    return seen;
  },
  "an open event": async (Socket, url) => {
    const ws = new Socket(`${url}/echo`);
    const event = await next(ws, "open");
    const { type, bubbles, cancelable, composed, constructor } = event;
    ws.close();
    return [type, bubbles, cancelable, composed, constructor === Event];
  },
  "a message event": async (Socket, url) => {
    const ws = await opened(Socket, `${url}/echo`);
    ws.send("x");
    const event = await next(ws, "message");
    const { type, bubbles, cancelable, data, lastEventId, source, ports, origin } = event;
    ws.close();
    return [
      [type, bubbles, cancelable, data, lastEventId, source, ports.length],
      origin === url,
      event instanceof MessageEvent,
    ];
  },
  "a close event": async (Socket, url) => {
    const ws = await opened(Socket, `${url}/close?4001,why`);
    const event = await next(ws, "close");
    const { type, bubbles, cancelable } = event;
    return [type, bubbles, cancelable, closed(event), event instanceof CloseEvent, ws.readyState];
  },
  "an error event": async (Socket, url) => {
    const ws = new Socket(`${url}/refused`);
    const event = await next(ws, "error");
    const { type, bubbles, cancelable } = event;
    return [type, bubbles, cancelable, event instanceof Event, ws.readyState];
  },
  "a refused connection": async (Socket, url) => {
    const ws = new Socket(`${url}/refused`);
    const seen: unknown[] = [];
    for (const type of ["open", "message", "error", "close"])
      ws.addEventListener(type, () => seen.push([type, ws.readyState]));
    seen.push(closed(await next(ws, "close")));
    return seen;
  },
  "a redirected connection": async (Socket, url) => {
    const ws = new Socket(`${url}/redirect`);
    return closed(await next(ws, "close"));
  },
  "readyState on the way": async (Socket, url) => {
    const ws = new Socket(`${url}/echo`);
    const seen: unknown[] = [ws.readyState];
    await next(ws, "open");
    seen.push(ws.readyState);
    ws.close();
    seen.push(ws.readyState);
    await next(ws, "close");
    return [...seen, ws.readyState];
  },
  ...each(
    {
      "with 1000 and a reason": "1000,bye",
      "with 1001": "1001,",
      "with 1008": "1008,no",
      "with 1011": "1011,oops",
      "with 3000": "3000,",
      "with 4999": "4999,a reason of its own",
      "without a code": "",
      "without a goodbye": "cut",
    },
    "closed by the server",
    (how) => async (Socket, url) => {
      const ws = await opened(Socket, `${url}/close-when-told?${how}`);
      ws.send("now");
      return [closed(await next(ws, "close")), ws.readyState];
    },
  ),
  "close without a code": async (Socket, url) => {
    const ws = await opened(Socket, `${url}/echo`);
    ws.close();
    return closed(await next(ws, "close"));
  },
  "close with a reason": async (Socket, url) => {
    const ws = await opened(Socket, `${url}/echo`);
    ws.close(3001, "é");
    return closed(await next(ws, "close"));
  },
  "close with a reason that is too long": async (Socket, url) => {
    const ws = await opened(Socket, `${url}/echo`);
    const seen = [
      thrownBy(() => ws.close(1000, "x".repeat(124))),
      thrownBy(() => ws.close(1000, "é".repeat(62))),
      thrownBy(() => ws.close(1000, "x".repeat(123))),
    ];
    return [seen, (await next(ws, "close")).reason.length];
  },
  "close before it is open": async (Socket, url) => {
    const ws = new Socket(`${url}/echo`);
    const seen: unknown[] = [];
    for (const type of ["open", "error", "close"])
      ws.addEventListener(type, () => seen.push([type, ws.readyState]));
    ws.close(1000, "early");
    seen.push(ws.readyState);
    return [...seen.splice(0), closed(await next(ws, "close")), ...seen];
  },
  "close twice": async (Socket, url) => {
    const ws = await opened(Socket, `${url}/echo`);
    let closes = 0;
    ws.onclose = () => closes++;
    ws.close(4000);
    ws.close(4001);
    const event = closed(await next(ws, "close"));
    ws.close();
    await new Promise((resolve) => setTimeout(resolve, 20));
    return [event, closes];
  },
  "close in onopen": async (Socket, url) => {
    const ws = new Socket(`${url}/echo`);
    ws.onopen = () => ws.close(1000, "in onopen");
    return closed(await next(ws, "close"));
  },
  "close in onmessage": async (Socket, url) => {
    const ws = await opened(Socket, `${url}/echo`);
    const heard: unknown[] = [];
    ws.onmessage = ({ data }) => {
      heard.push(data);
      ws.close();
    };
    for (const text of ["1", "2", "3"]) ws.send(text);
    await next(ws, "close");
    return heard[0];
  },
  "send, then close": async (Socket, url) => {
    const ws = await opened(Socket, `${url}/count`);
    for (let i = 0; i < 100; i++) ws.send(new Uint8Array(1000));
    ws.close();
    await next(ws, "close");
    return fetch(`${url.replace("ws", "http")}/count`).then((answer) => answer.text());
  },
  "send in onclose": async (Socket, url) => {
    const ws = await opened(Socket, `${url}/close?1000,`);
    const thrown = new Promise((resolve) => {
      ws.onclose = () => resolve(thrownBy(() => ws.send("x")));
    });
    return thrown;
  },
  "bufferedAmount grows with what is sent after close": async (Socket, url) => {
    const ws = await opened(Socket, `${url}/echo`);
    ws.close();
    await next(ws, "close");
    ws.send("abc");
    ws.send(new Uint8Array(2));
    ws.send(new Blob(["é"]));
    ws.send("é€");
    return ws.bufferedAmount;
  },
  "bufferedAmount counts what was sent in this turn": async (Socket, url) => {
    const ws = await opened(Socket, `${url}/echo`);
    const before = ws.bufferedAmount;
    ws.send("é");
    ws.send(new Uint8Array(3));
    const after = ws.bufferedAmount;
    for (let i = 0; i < 2; i++) await next(ws, "message");
    const last = ws.bufferedAmount;
    ws.close();
    return [before, after, last];
  },
  "messages come in order": async (Socket, url) => {
    const ws = await opened(Socket, `${url}/echo`);
    const heard: unknown[] = [];
    ws.onmessage = ({ data }) => heard.push(typeof data === "string" ? data : data.byteLength);
    const all = ["a", new Uint8Array(3), new Blob(["bb"]), "b", new ArrayBuffer(1), "c"];
    for (const one of all) ws.send(one);
    while (heard.length < all.length) await next(ws, "message");
    ws.close();
    return heard;
  },
  listeners: (Socket, url) => {
    const ws = new Socket(`${url}/echo`);
    const calls: string[] = [];
    const both = (): void => void calls.push("both");
    const object = { handleEvent: (event: Event) => calls.push(`object ${event.type}`) };
    const controller = new AbortController();
    ws.addEventListener("x", () => calls.push("once"), { once: true });
    ws.addEventListener("x", object);
    ws.addEventListener("x", object);
    ws.addEventListener("x", both);
    ws.addEventListener("x", both, { capture: true });
    ws.addEventListener("x", () => calls.push("signal"), { signal: controller.signal });
    ws.addEventListener("x", () => calls.push("aborted"), { signal: AbortSignal.abort() });
    ws.addEventListener("x", (event) => event.preventDefault(), { passive: true });
    (ws as EventTarget).addEventListener("x", null);
    const dispatched = [ws.dispatchEvent(new Event("x", { cancelable: true }))];
    controller.abort();
    ws.removeEventListener("x", both);
    ws.addEventListener("x", (event) => event.preventDefault());
    ws.addEventListener("x", (event) => event.stopImmediatePropagation());
    ws.addEventListener("x", () => calls.push("never"));
    dispatched.push(ws.dispatchEvent(new Event("x", { cancelable: true })));
    ws.close();
    return [calls, dispatched, thrownBy(() => ws.dispatchEvent({ type: "x" } as Event))];
  },
  "a listener that throws": async (Socket, url) => {
    const ws = new Socket(`${url}/echo`);
    const seen: unknown[] = [];
    const reported = (event: ErrorEvent): void => {
      seen.push(event.error);
      event.preventDefault();
    };
    addEventListener("error", reported);
    ws.addEventListener("open", () => {
      throw "oops";
    });
    ws.onopen = () => seen.push("next");
    await next(ws, "open");
    removeEventListener("error", reported);
    ws.close();
    return seen;
  },
  "is an EventTarget": (Socket, url) => {
    const ws = new Socket(`${url}/echo`);
    ws.close();
    return [ws instanceof EventTarget, ws instanceof Socket];
  },

  // where they are meant to differ
  "send before it is open": (Socket, url) => {
    const ws = new Socket(`${url}/echo`);
    const thrown = thrownBy(() => ws.send("x"));
    ws.close();
    return thrown;
  },
  "send without an argument": async (Socket, url) => {
    const ws = await opened(Socket, `${url}/echo`);
    const thrown = thrownBy(() => (ws.send as any)());
    ws.close();
    return thrown;
  },
  isTrusted: async (Socket, url) =>
    (await next(await opened(Socket, `${url}/close?1000,`), "close")).isTrusted,
  "its name": (Socket, url) => {
    const ws = new Socket(`${url}/echo`);
    ws.close();
    return Object.prototype.toString.call(ws);
  },
  "is a WebSocket": (Socket, url) => {
    const ws = new Socket(`${url}/echo`);
    ws.close();
    return ws instanceof WebSocket;
  },
  "handlers set to null and set again": (Socket, url) => {
    const ws = new Socket(`${url}/echo`);
    const calls: string[] = [];
    ws.onopen = () => 0;
    ws.onopen = null;
    ws.addEventListener("open", () => calls.push("listener"));
    ws.onopen = () => calls.push("handler");
    ws.dispatchEvent(new Event("open"));
    ws.close();
    return calls;
  },
  "promises between two listeners": async (Socket, url) => {
    const ws = new Socket(`${url}/echo`);
    const order: string[] = [];
    ws.addEventListener("open", () => void Promise.resolve().then(() => order.push("promise")));
    ws.addEventListener("open", () => order.push("listener"));
    await next(ws, "open");
    await null;
    return order;
  },
  "protocols as null": (Socket, url) =>
    thrownBy(() => new Socket(`${url}/echo`, null as never).close()),
  "code 3000.4": async (Socket, url) => {
    const ws = await opened(Socket, `${url}/echo`);
    const thrown = thrownBy(() => ws.close(3000.4));
    ws.close();
    return thrown;
  },
};

const made: WebSocket[] = [];

/** Ends what a behaviour has left: it would go on to connect, and Firefox lets all wait for connections that fail. */
const tracked = (Socket: Class): Class =>
  class extends Socket {
    constructor(...args: [url: string | URL, protocols?: string | string[]]) {
      super(...args);
      made.push(this);
    }
  };

const classes: Record<string, Class> = {
  native: WebSocket,
  tautline: tautline.ReconnectingWebSocket as unknown as Class,
};

/** What websocket-site.ts serves, on a network in memory. */
async function inMemory(behaviour: Behaviour): Promise<unknown> {
  const net = network();
  const server = net.webSocketServer("ws://memory.test", {
    protocols: ["one", "two"],
    verify: (url) => !/\/(refused|redirect|no-protocol)$/.test(url),
  });
  server.on("connection", (socket) => {
    const [path, how = ""] = socket.url.replace("ws://memory.test", "").split("?");
    const [code, reason] = how.split(",").map(decodeURIComponent);
    const end = (): void => {
      if (code === "cut") socket.terminate();
      else if (code) socket.close(+code, reason);
      else socket.close();
    };
    if (path === "/close") end();
    else if (path === "/close-when-told") socket.once("message", end);
    else if (path !== "/count") socket.on("message", (data: string) => socket.send(data));
  });
  try {
    return await net.until(Promise.resolve(behaviour(WebSocket, "ws://memory.test")));
  } finally {
    await net.close();
  }
}

Object.assign(globalThis, {
  tautline,
  network,
  transcriptsOf,
  async behaveInMemory(name: string): Promise<string> {
    return JSON.stringify((await inMemory(behaviours[name] as Behaviour)) ?? null);
  },
  names: Object.keys(behaviours),
  async behave(name: string, of: string, url: string): Promise<string> {
    const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, "it never ends"));
    const seen = behaviours[name]?.(tracked(classes[of] as Class), url);
    const first = await Promise.race([seen, late]);
    for (const socket of made.splice(0)) socket.close();
    return JSON.stringify(first ?? null);
  },
});

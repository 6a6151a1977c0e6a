import { stats } from "../../src/stats/index.js";
import { describe, expect, it } from "vitest";
import type { Socket, TautlineError } from "../../src/index.js";
import {
  client,
  type ClientOptions,
  connected,
  modes,
  next,
  serve,
  until,
} from "../support/harness.js";
import type { RunningSocketIo } from "../support/servers.js";

/** A server that lets nobody in whose token is not the current one. */
async function guarded(
  mode: (typeof modes)[number],
  data?: object,
): Promise<{ server: RunningSocketIo; seen: unknown[]; change: (token: string) => void }> {
  const server = await serve(mode.server);
  const seen: unknown[] = [];
  let current = "new";
  server.io.use(({ handshake }, enter) => {
    seen.push(handshake.auth["token"]);
    if (handshake.auth["token"] === current) return enter();
    enter(Object.assign(new Error("token expired"), data && { data }));
  });
  return {
    server,
    seen,
    change(token) {
      current = token;
    },
  };
}

function errorsOf(socket: Socket): string[] {
  const errors: string[] = [];
  socket.on("connect_error", ({ code, message }) => errors.push(`${code} ${message}`));
  return errors;
}

describe.each(modes)("A namespace that refuses an expired token, over $name", (mode) => {
  const rotating = (tokens: string[]): ClientOptions["auth"] => {
    let asked = 0;
    return (enter) => enter({ token: tokens[Math.min(asked++, tokens.length - 1)] });
  };

  it("is asked again when it says that this helps, with fresh auth over the same connection (AUT-18)", async () => {
    const { server, seen } = await guarded(mode, { retryable: true });
    const socket = client(server.url, { ...mode.options, auth: rotating(["old", "old", "new"]) });
    const errors = errorsOf(socket);
    await connected(socket);
    expect(seen).toEqual(["old", "old", "new"]);
    expect(errors).toEqual(["refused token expired", "refused token expired"]);
    expect(server.io.engine.clientsCount).toBe(1);
    expect(stats(socket.io).reconnects).toBe(0);
  });

  it("is asked again when the option says so, which hears the error and the attempt (AUT-19)", async () => {
    const { server, seen } = await guarded(mode);
    const calls: [TautlineError, number][] = [];
    const socket = client(server.url, {
      ...mode.options,
      auth: rotating(["a", "b", "new"]),
      retryConnectError: (error, attempt) => calls.push([error, attempt]) > 0,
    });
    await connected(socket);
    expect(seen).toEqual(["a", "b", "new"]);
    expect(calls.map(([{ message }, attempt]) => [message, attempt])).toEqual([
      ["token expired", 1],
      ["token expired", 2],
    ]);
  });

  it.each([
    { what: "by default", data: undefined, options: {} },
    { what: "when its data says otherwise", data: { retryable: "yes" }, options: {} },
    {
      what: "when the option says no, whatever the server says",
      data: { retryable: true },
      options: { retryConnectError: () => false },
    },
  ])("is not asked again $what (AUT-13)", async ({ data, options }) => {
    const { server, seen } = await guarded(mode, data);
    const socket = client(server.url, { ...mode.options, ...options, auth: { token: "old" } });
    const [error] = await next(socket, "connect_error");
    expect(error).toMatchObject({ code: "refused", message: "token expired" });
    expect(socket).toMatchObject({ active: false, connected: false });
    expect(seen).toEqual(["old"]);
  });

  it("counts from one again after it was entered (AUT-20)", async () => {
    const { server, change } = await guarded(mode);
    const attempts: number[] = [];
    let token = "old";
    const socket = client(server.url, {
      ...mode.options,
      auth: (enter) => enter({ token }),
      retryConnectError: (_error, attempt) => {
        attempts.push(attempt);
        if (attempt === 2) token = attempts.length > 2 ? "newer" : "new";
        return true;
      },
    });
    await connected(socket);
    change("newer");
    const back = next(socket, "connect");
    socket.io.engine?.close();
    await back;
    expect(attempts).toEqual([1, 2, 1, 2]);
  });

  it("is left alone after disconnect(), though a retry was due (AUT-21)", async () => {
    const { server, seen } = await guarded(mode, { retryable: true });
    const socket = client(server.url, {
      ...mode.options,
      auth: { token: "old" },
      reconnectionDelay: 5,
    });
    await next(socket, "connect_error");
    socket.disconnect();
    await until(() => server.io.engine.clientsCount === 0);
    expect(seen).toEqual(["old"]);
    expect(socket.active).toBe(false);
  });

  it("is asked again over the next connection, when this one is lost meanwhile (AUT-22)", async () => {
    const { server, seen } = await guarded(mode, { retryable: true });
    let token = "old";
    const socket = client(server.url, {
      ...mode.options,
      auth: (enter) => enter({ token }),
      retryConnectError: () => true,
      reconnectionDelay: 40,
    });
    await next(socket, "connect_error");
    token = "new";
    socket.io.engine?.close();
    await connected(socket);
    expect(seen).toEqual(["old", "new"]);
  });

  it("lets the other namespaces of the connection be (AUT-23)", async () => {
    const { server } = await guarded(mode, { retryable: true });
    server.io.of("/open");
    const socket = client(server.url, { ...mode.options, auth: { token: "old" } });
    const other = await connected(socket.io.socket("/open"));
    const { id } = other;
    await next(socket, "connect_error");
    await next(socket, "connect_error");
    expect(other).toMatchObject({ connected: true, id });
  });
});

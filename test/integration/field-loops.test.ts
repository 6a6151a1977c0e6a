import { request as forward } from "node:http";
import { describe, expect, it } from "vitest";
import { io, Manager } from "../../src/index.js";
import {
  client,
  closing,
  modes,
  next,
  serve,
  until,
  type ClientOptions,
} from "../support/harness.js";
import { delaysOf, startScriptedServer, thrownBy } from "../support/field.js";
import { startHttp } from "../support/servers.js";

const schedule = {
  reconnectionDelay: 10,
  reconnectionDelayMax: 5000,
  randomizationFactor: 0,
} as const;

/** Lets a client try five times, and expects each try to be told and the delays to double. */
async function expectPatience(url: string, options: ClientOptions): Promise<string[]> {
  const socket = client(url, { ...schedule, ...options });
  const delays = delaysOf(socket);
  const codes: string[] = [];
  socket.on("connect_error", ({ code }) => codes.push(code));
  await until(() => delays.length >= 5);
  socket.disconnect();
  expect(delays.slice(1)).toEqual(delays.slice(1).map((_, n) => (delays[1] as number) * 2 ** n));
  expect(delays[4]).toBeGreaterThanOrEqual(80);
  expect(codes.length).toBeGreaterThanOrEqual(4);
  for (const code of codes) expect(code).toMatch(/^[a-z-]+$/);
  return codes;
}

describe("A line that dies before the namespace is answered", () => {
  it("is told each time, and tried less and less often (CON-37)", async () => {
    const server = await closing(
      startScriptedServer((frame, _say, end) => {
        if (frame.startsWith("40")) end();
      }),
    );
    await expectPatience(server.url, { transports: ["websocket"] });
  });

  it("is so when the server drops it without a word", async () => {
    const server = await serve();
    server.io.engine.on("connection", (socket: { on: any; close(discard: boolean): void }) => {
      socket.on("data", () => socket.close(true));
    });
    for (const { options } of modes.slice(0, 2)) await expectPatience(server.url, options);
  });

  it("is so behind a 301, which makes each POST a GET", async () => {
    const server = await serve();
    const http = await closing(
      startHttp((request, response) => {
        const { method, url, headers } = request;
        if (!url?.includes("moved")) {
          const location = (url ?? "").replace("/socket.io/?", "/socket.io/?moved=1&");
          response.writeHead(301, { location }).end();
          return;
        }
        const onward = forward({
          host: "127.0.0.1",
          port: server.port,
          method,
          path: url,
          headers,
        });
        onward.on("response", (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        });
        onward.on("error", () => response.destroy());
        response.on("close", () => onward.destroy());
        request.pipe(onward);
      }),
    );
    await expectPatience(http.url, { transports: ["polling"] });
  });

  it("is so when auth gives what the server can't take", async () => {
    for (const { options, server: serverOptions } of modes.slice(0, 2)) {
      const server = await serve(serverOptions);
      let connections = 0;
      server.io.engine.on("connection", () => connections++);
      for (const auth of ["token", 7, ["a"], true]) {
        const before = connections;
        const socket = client(server.url, {
          ...schedule,
          ...options,
          auth: ((give: (data: unknown) => void) => give(auth)) as never,
        });
        const [error] = await next(socket, "connect_error");
        expect(error.code).toMatch(/^[a-z-]+$/);
        expect(connections - before).toBeLessThanOrEqual(1);
        socket.disconnect();
        socket.io._close();
      }
    }
  });
});

describe("A namespace that can't be", () => {
  const impossible = ["/a,b", "chat", "", "a/b", ",", "/a,"];

  it.each(impossible)("is refused at once: %j (OPT-11)", (nsp) => {
    const manager = new Manager("http://localhost:1", { autoConnect: false });
    expect(thrownBy(() => manager.socket(nsp))).toBe("invalid-option");
    expect(manager.hasSocket(nsp)).toBe(false);
  });

  it("is refused in an address (OPT-11)", () => {
    const options = { autoConnect: false, forceNew: true };
    expect(thrownBy(() => io("http://localhost:1/a,b", options))).toBe("invalid-option");
  });

  it.each(["/", "/a", "/a/b", "/a-b_c.d", "/ä", "/a b"])("others are not: %j", (nsp) => {
    const manager = new Manager("http://localhost:1", { autoConnect: false });
    expect(thrownBy(() => manager.socket(nsp))).toBeUndefined();
  });
});

import { describe, expect, it } from "vitest";
import { client, closing, connected, next, proxyTo, serve, until } from "../support/harness.js";
import { BlindWebSocket, withWebSocket } from "../support/field.js";
import { startHttp } from "../support/servers.js";

describe("An outage", () => {
  /** Refuses everything with a status, and counts what was asked for. */
  async function refusing(status: number) {
    const asked = { upgrades: 0, others: 0 };
    const server = await closing(
      startHttp((request, response) => {
        if (request.headers.upgrade) asked.upgrades++;
        else asked.others++;
        response.writeHead(status).end();
      }),
    );
    return { server, asked };
  }

  it("is diagnosed once, not at each attempt (ERR-23)", async () => {
    const { server, asked } = await refusing(503);
    const options = withWebSocket({ options: { transports: ["websocket"] } }, BlindWebSocket);
    const socket = client(server.url, {
      ...options,
      reconnectionDelay: 1,
      reconnectionDelayMax: 5,
    });
    await until(() => asked.upgrades >= 8);
    socket.disconnect();
    expect(asked.others).toBeLessThanOrEqual(1);
  });

  it("isn't diagnosed where the cause is known", async () => {
    const { server, asked } = await refusing(404);
    const socket = client(server.url, { reconnectionDelay: 1, reconnectionDelayMax: 5 });
    let errors = 0;
    socket.on("connect_error", () => errors++);
    await until(() => errors >= 4);
    const [others, told] = [asked.others, errors];
    socket.disconnect();
    // polling's own tries: that of each attempt that has failed, and of one that may be under way
    expect(others).toBeLessThanOrEqual(told + 1);
  });

  it("is diagnosed again when another one comes (ERR-23)", async () => {
    const server = await serve();
    const asked: unknown[] = [];
    const proxy = await proxyTo(server);
    proxy.hooks.onRequest = (_connection, { upgrade, transport }) => {
      if (!upgrade) asked.push(transport);
    };
    const options = withWebSocket({ options: { transports: ["websocket"] } }, BlindWebSocket);
    const socket = client(proxy.url, { ...options, reconnectionDelay: 1, reconnectionDelayMax: 5 });
    for (let outage = 1; outage <= 2; outage++) {
      await connected(socket);
      const lost = next(socket, "disconnect");
      proxy.set({ refuseUpgrade: 403 });
      proxy.cut();
      await lost;
      const codes: unknown[] = [];
      const listener = ({ code }: { code: string }): void => void codes.push(code);
      socket.on("connect_error", listener);
      await until(() => codes.length >= 4);
      socket.off("connect_error", listener);
      expect(new Set(codes)).toEqual(new Set(["websocket-blocked"]));
      expect(asked.length).toBeLessThanOrEqual(outage);
      proxy.heal();
    }
    expect(asked.length).toBe(2);
  });
});

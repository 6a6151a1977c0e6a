// @vitest-environment jsdom
/** The recipe of docs/react.md for TanStack Query. */
import {
  experimental_streamedQuery as streamedQuery,
  QueryClient,
  QueryClientProvider,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { cleanup, render } from "@testing-library/react";
import { createElement } from "react";
import { afterEach, describe, expect, it } from "vitest";
import { events } from "../../src/reading/index.js";
import { useSocket, useSocketEvent } from "../../src/react/index.js";
import { stream as serveStream } from "../../src/server/index.js";
import { stream } from "../../src/stream/index.js";
import { serve, until } from "../support/harness.js";
import { inMode, modes, shown } from "../support/react/rendering.js";

const h = createElement;
const quickly = { linger: 30, transports: ["websocket" as const] };

afterEach(cleanup);

describe.each(modes)("With TanStack Query (%s)", (mode) => {
  it("asks by acks, and asks again when an event says so (FRW-12)", async () => {
    const server = await serve();
    let orders = ["rope"];
    let asked = 0;
    server.io.on("connection", (socket) => {
      socket.on("orders", (answer) => {
        asked++;
        answer(orders);
      });
    });
    const Orders = () => {
      const { socket } = useSocket(server.url, quickly);
      const client = useQueryClient();
      const { data } = useQuery({
        queryKey: ["orders"],
        queryFn: ({ signal }) => socket.signal(signal).emitWithAck("orders") as Promise<string[]>,
      });
      useSocketEvent(socket, "orders changed", () => {
        void client.invalidateQueries({ queryKey: ["orders"] });
      });
      return h("p", null, data?.join());
    };
    const client = new QueryClient();
    const { container } = render(
      h(QueryClientProvider, { client }, h(Orders), h(Orders)),
      inMode(mode),
    );
    await shown(() => container.textContent === "roperope");
    const before = asked;
    orders = ["rope", "tar"];
    server.io.emit("orders changed");
    await shown(() => container.textContent === "rope,tarrope,tar");
    expect(asked - before).toBeLessThanOrEqual(2);
    client.clear();
  });

  it("fills a query from a stream, and from events (FRW-12)", async () => {
    const server = await serve();
    serveStream(server.io, "answer", async function* (question: string) {
      yield* question.split(" ");
    });
    const Answer = ({ question }: { question: string }) => {
      const { socket } = useSocket(server.url, quickly);
      const answer = useQuery({
        queryKey: ["answer", question],
        queryFn: streamedQuery({
          streamFn: ({ signal }) => stream<string>(socket, "answer", question, { signal }),
        }),
        staleTime: Infinity,
      });
      const news = useQuery({
        queryKey: ["news"],
        queryFn: streamedQuery({
          streamFn: ({ signal }) => events(socket, "news", { signal }),
          reducer: (list: string[], [title]: string[]) => [...list, String(title)].slice(-2),
          initialValue: [],
        }),
        staleTime: Infinity,
      });
      return h("p", null, [answer.data?.join(" "), ...(news.data ?? [])].join());
    };
    const client = new QueryClient();
    const { container, unmount } = render(
      h(QueryClientProvider, { client }, h(Answer, { question: "to be or" })),
      inMode(mode),
    );
    await shown(() => container.textContent === "to be or");
    for (const title of ["a", "b", "c"]) server.io.emit("news", title);
    await shown(() => container.textContent === "to be or,b,c");
    unmount();
    client.clear();
    await until(() => server.io.engine.clientsCount === 0);
  });
});

import { expect, it, onTestFinished, vi } from "vitest";
import { onReauth } from "../../../src/server/index.js";

type Receive = (auth: unknown, ack: (refusal?: object) => void) => void;

it("onReauth() > gives a handler 30 s, and then checks newer data (AUT-32)", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  let enter = (_socket: object): void => {};
  const server = { on: (_event: string, listener: typeof enter) => void (enter = listener) };
  let ask: Receive = () => {};
  onReauth(server as never, (_socket, { isStuck }) => isStuck && new Promise(() => {}));
  const socket = { handshake: { auth: {} }, on: (_event: string, to: Receive) => (ask = to) };
  enter(socket);
  const answers: unknown[] = [];
  const tell = (name: string) => (refusal?: object) => answers.push([name, refusal]);
  ask({ isStuck: true }, tell("stuck"));
  ask({ n: 1 }, tell("next"));
  await vi.advanceTimersByTimeAsync(29_999);
  expect(answers).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(answers).toEqual([
    ["stuck", { message: "timed out", data: undefined }],
    ["next", undefined],
  ]);
  expect([socket.handshake.auth, vi.getTimerCount()]).toEqual([{ n: 1 }, 0]);
});

it("onReauth() > survives a client that cannot be answered any more", async () => {
  let enter = (_socket: object): void => {};
  const server = { on: (_event: string, listener: typeof enter) => void (enter = listener) };
  let ask: Receive = () => {};
  const handler = vi.fn();
  onReauth(server as never, handler);
  enter({ handshake: { auth: {} }, on: (_event: string, to: Receive) => (ask = to) });
  const gone = (): void => {
    throw new Error("gone");
  };
  ask("no object", gone);
  ask({}, gone);
  ask({ n: 1 }, () => {});
  await expect.poll(() => handler).toHaveBeenCalledTimes(2);
});

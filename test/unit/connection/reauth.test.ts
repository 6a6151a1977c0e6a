import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { connectedSocket } from "../../support/line-socket.js";

beforeEach(() => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
});

describe("Socket > reauth()", () => {
  it("waits for a function for as long as that takes, and 5 s for the server (AUT-30)", async () => {
    const { line, socket } = connectedSocket();
    let give = (_data: object): void => {};
    socket.auth = () => new Promise<object>((resolve) => (give = resolve));
    const settled = vi.fn();
    void socket.reauth().then(settled);
    await vi.advanceTimersByTimeAsync(600_000);
    expect([line.sent, settled.mock.calls]).toEqual([[], []]);
    give({ token: 2 });
    await vi.advanceTimersByTimeAsync(4999);
    expect(line.sent).toEqual(['20["$tautline:reauth",{"token":2}]']);
    expect(settled).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(settled).toHaveBeenCalledExactlyOnceWith(false);
  });

  it("is false when the connection ends while the function is asked (AUT-29)", async () => {
    const { line, socket } = connectedSocket();
    let signal: AbortSignal | undefined;
    socket.auth = (ask) => {
      ({ signal } = ask);
      return new Promise(() => {});
    };
    const asked = socket.reauth();
    await vi.advanceTimersByTimeAsync(0);
    line.lose();
    expect([await asked, signal?.aborted]).toEqual([false, true]);
  });
});

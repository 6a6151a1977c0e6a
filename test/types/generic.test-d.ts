import { describe, expectTypeOf, it } from "vitest";
import { type DisconnectDescription, io, type Manager, type Socket } from "../../src/index.js";

interface Events {
  [event: string]: any;
}

/** What a typed wrapper does with events that it does not know. */
class Client<Listen extends Events, Emit extends Events> {
  constructor(readonly socket: Socket<Listen, Emit>) {
    socket.on("connect", () => {});
    socket.once("disconnect", (reason, details) => {
      expectTypeOf(reason).toEqualTypeOf<Socket.DisconnectReason>();
      if (details && !(details instanceof Error))
        expectTypeOf(details).toEqualTypeOf<DisconnectDescription>();
    });
    socket.on("connect_error", (error) => expectTypeOf(error.message).toBeString());
    socket.off("connect");
    // @ts-expect-error -- there is no such reason
    socket.on("disconnect", (reason: 5) => reason);
  }
}

describe("Code whose events are a type parameter", () => {
  it("listens to the library's events", () => {
    const connected = <Listen extends Events>(socket: Socket<Listen>): Promise<void> =>
      new Promise((resolve) => socket.once("connect", () => resolve()));
    const use = <Listen extends Events>(url: string): Socket<Listen, Events> => {
      const socket: Socket<Listen, Events> = io(url);
      return socket.on("connect", () => {});
    };
    const manage = <Listen extends Events>(manager: Manager<Listen>): Manager<Listen> =>
      manager.on("reconnect", (attempt) => expectTypeOf(attempt).toBeNumber());
    expectTypeOf(Client).toBeConstructibleWith(io("http://x"));
    expectTypeOf(connected).toBeFunction();
    expectTypeOf(use).toBeFunction();
    expectTypeOf(manage).toBeFunction();
  });

  it("gets the library's listener where both name an event", () => {
    const socket = null as unknown as Socket<{ connect: (never: string) => void }>;
    socket.on("connect", () => {});
    // @ts-expect-error -- `connect` has no arguments
    socket.on("connect", (text: string) => text);
  });
});

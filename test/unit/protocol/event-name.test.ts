import { Manager } from "socket.io-client";
import { describe, expect, it } from "vitest";
import { TautlineError } from "../../../src/errors.js";
import { encodePacket } from "../../../src/protocol/packet-encoder.js";
import { PacketType, checkEventName } from "../../../src/protocol/socket-packet.js";

interface Decoder {
  on(event: "decoded", listener: () => void): void;
  add(frame: string): void;
}

/** What a server's parser, which is the reference client's too, does with an event of that name. */
function isTakenByServers(name: unknown): boolean {
  const reference = new Manager("http://a.test", { autoConnect: false });
  const { decoder } = reference as unknown as { decoder: Decoder };
  let isDecoded = false;
  decoder.on("decoded", () => (isDecoded = true));
  try {
    decoder.add(encodePacket(PacketType.EVENT, "/", [name]) as string);
  } catch {
    return false;
  }
  return isDecoded;
}

const codeOf = (name: unknown): string | undefined => {
  try {
    checkEventName(name);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(TautlineError);
    return (error as TautlineError).code;
  }
};

describe("checkEventName", () => {
  it.each(["a", "", "\ud800", "__proto__", "message", 0, -1.5, 1e300])("takes %j", (name) => {
    expect([codeOf(name), isTakenByServers(name)]).toEqual([undefined, true]);
  });

  it.each([
    "connect",
    "connect_error",
    "disconnect",
    "disconnecting",
    "newListener",
    "removeListener",
  ])("keeps %s for the library", (name) => {
    expect([codeOf(name), isTakenByServers(name)]).toEqual(["reserved-event", false]);
  });

  it.each([undefined, null, NaN, Infinity, true, {}, [], ["a"], () => {}])(
    "refuses %s, for which servers close the connection",
    (name) => {
      expect([codeOf(name), isTakenByServers(name)]).toEqual(["invalid-event", false]);
    },
  );

  it.each([
    ["a symbol", Symbol("a")],
    ["an object that can't be written", Object.create(null)],
    ["an object whose toString is a number", { toString: 1 }],
    ["a BigInt", 1n],
  ])("refuses %s, in words", (_what, name) => {
    expect(codeOf(name)).toBe("invalid-event");
  });
});

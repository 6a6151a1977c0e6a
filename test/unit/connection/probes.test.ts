import { describe, expect, it, vi } from "vitest";
import { Probes } from "../../../src/connection/probes.js";
import { PacketType } from "../../../src/protocol/socket-packet.js";

function setUp() {
  const sent: string[] = [];
  const probes = new Probes((type, nsp) => void sent.push(`${type} ${nsp}`));
  const receive = (type: PacketType, count: number): void =>
    probes.receive({ type, nsp: `/tautline-probe-${count}`, data: {} } as never);
  return {
    sent,
    probes,
    refuse: (count: number) => receive(PacketType.CONNECT_ERROR, count),
    admit: (count: number) => receive(PacketType.CONNECT, count),
    receive,
  };
}

describe("Probes", () => {
  it("ask for namespaces that nobody has, one for each that is under way", () => {
    const { probes, sent } = setUp();
    probes.send(vi.fn());
    probes.send(vi.fn());
    expect(sent).toEqual(["0 /tautline-probe-1", "0 /tautline-probe-2"]);
  });

  it("tell whose answer has come, once", () => {
    const { probes, refuse } = setUp();
    const [first, second] = [vi.fn(), vi.fn()];
    probes.send(first);
    probes.send(second);
    refuse(2);
    refuse(2);
    expect([first.mock.calls, second.mock.calls]).toEqual([[], [[]]]);
  });

  it("use a name again that was refused", () => {
    const { probes, sent, refuse } = setUp();
    for (let i = 0; i < 3; i++) {
      probes.send(vi.fn());
      refuse(1);
    }
    expect(new Set(sent)).toEqual(new Set(["0 /tautline-probe-1"]));
  });

  it("leave a namespace that let them in, and let its name rest", () => {
    const { probes, sent, admit } = setUp();
    const answered = vi.fn();
    for (const name of [1, 2, 1]) {
      probes.send(answered);
      admit(name);
    }
    expect(sent.slice(0, 4)).toEqual([
      "0 /tautline-probe-1",
      "1 /tautline-probe-1",
      "0 /tautline-probe-2",
      "1 /tautline-probe-2",
    ]);
    // the second answer came behind the first farewell: that name may be entered again
    expect(sent.slice(4)).toEqual(["0 /tautline-probe-1", "1 /tautline-probe-1"]);
    expect(answered).toHaveBeenCalledTimes(3);
  });

  it("take no other packet for an answer", () => {
    const { probes, receive } = setUp();
    const answered = vi.fn();
    probes.send(answered);
    receive(PacketType.EVENT, 1);
    receive(PacketType.DISCONNECT, 1);
    receive(PacketType.CONNECT_ERROR, 9);
    expect(answered).not.toHaveBeenCalled();
  });

  it("fail with the session, and may be sent again from inside", () => {
    const { probes, sent } = setUp();
    const failed = vi.fn();
    probes.send((error) => {
      failed(error);
      probes.send(failed);
    });
    probes.lost();
    expect(failed.mock.calls).toEqual([
      [expect.objectContaining({ code: "disconnected", delivery: "maybe-sent" })],
    ]);
    expect(sent).toHaveLength(2);
  });
});

import { beforeEach, describe, expect, it, vi } from "vitest";
import { io, type ManagerOptions, type TautlineError } from "../../../src/index.js";
import { networkDouble } from "../../support/network-double.js";
import { isolate, scriptedClient, settle } from "../../support/scripted-client.js";
import { scriptedTransport } from "../../support/scripted-transport.js";

beforeEach(() => isolate());

const B = "http://b.test";
const C = "https://c.test:8443/?zone=c";

/** A client of unit.test, b.test and c.test. */
function falling(options: ManagerOptions = {}) {
  const Scripted = scriptedTransport();
  const client = scriptedClient(
    { reconnectionDelay: 1000, addresses: [B, C], timeout: 5000, ...options },
    Scripted,
  );
  client.socket();
  return { client, hosts: () => Scripted.opened.map(({ options: { hostname } }) => hostname) };
}

describe("Several addresses", () => {
  it("are tried one after the other, at once (ADR-6)", async () => {
    const { client, hosts } = falling();
    await client.fail();
    expect(hosts()).toEqual(["unit.test", "b.test"]);
    await client.fail();
    expect(hosts()).toEqual(["unit.test", "b.test", "c.test"]);
    expect(client.told()).toEqual([]);
    const { options, query } = client.transport;
    expect([options.port, options.secure, query["zone"]]).toEqual(["8443", true, "c"]);
    await client.enter();
    expect(client.told()).toEqual(["open", "connect"]);
  });

  it("fail together: one error, and then the delay (ADR-7)", async () => {
    const { client, hosts } = falling();
    for (let i = 0; i < 3; i++) await client.fail();
    expect(client.told()).toEqual(["connect_error unreachable", "error unreachable"]);
    await vi.advanceTimersByTimeAsync(999);
    expect(hosts().length).toBe(3);
    await vi.advanceTimersByTimeAsync(1);
    expect(hosts().slice(3)).toEqual(["unit.test"]);
    expect(client.told()).toEqual(["reconnect_attempt 1"]);
    for (let i = 0; i < 3; i++) await client.fail();
    expect(client.told()).toContain("reconnect_error unreachable");
  });

  it("count as one attempt (ADR-7)", async () => {
    const { client, hosts } = falling({ reconnectionAttempts: 1 });
    for (let i = 0; i < 3; i++) await client.fail();
    await vi.advanceTimersByTimeAsync(1000);
    for (let i = 0; i < 3; i++) await client.fail();
    expect([hosts().length, client.manager.state]).toEqual([6, "failed"]);
    expect(client.told()).toContain("reconnect_failed");
    expect(vi.getTimerCount()).toBe(0);
  });

  it("end with the first error that a retry may mend (ADR-8)", async () => {
    const { client } = falling();
    await client.fail({ status: 403 });
    await client.fail({ status: 502 });
    await client.fail({ status: 404 });
    expect(client.told()).toEqual(["connect_error http-status", "error http-status"]);
    const errors: TautlineError[] = [];
    client.manager.once("error", (error) => errors.push(error));
    await vi.advanceTimersByTimeAsync(1000);
    for (const status of [403, 502, 404]) await client.fail({ status });
    expect(errors.map(({ isFinal, attempts }) => [isFinal, attempts?.[0]?.status])).toEqual([
      [undefined, 502],
    ]);
  });

  it("end with a final error only when all are (ADR-9)", async () => {
    const { client } = falling({ reconnection: false });
    const errors: unknown[] = [];
    client.manager.on("error", (error) => errors.push(error));
    for (const status of [403, 401, 404]) await client.fail({ status });
    expect(errors).toMatchObject([
      { code: "http-status", isFinal: true, attempts: [{ status: 403 }] },
    ]);
  });

  it("have the connect timeout each (ADR-10)", async () => {
    const { hosts } = falling();
    await vi.advanceTimersByTimeAsync(4999);
    expect(hosts()).toEqual(["unit.test"]);
    await vi.advanceTimersByTimeAsync(1);
    expect(hosts()).toEqual(["unit.test", "b.test"]);
    await vi.advanceTimersByTimeAsync(5000);
    expect(hosts()).toEqual(["unit.test", "b.test", "c.test"]);
  });

  it("begin with the one that worked last (ADR-11)", async () => {
    const { client, hosts } = falling();
    await client.fail();
    await client.enter();
    await vi.advanceTimersByTimeAsync(5000);
    await client.fail();
    await vi.advanceTimersByTimeAsync(1000);
    expect(hosts()).toEqual(["unit.test", "b.test", "b.test"]);
    await client.fail();
    await client.fail();
    expect(hosts().slice(3)).toEqual(["c.test", "unit.test"]);
  });

  it("are left alone by who has left", async () => {
    const { client, hosts } = falling();
    client.manager._close();
    await settle();
    expect(hosts()).toEqual(["unit.test"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("wait for both tries of one address, after a wake", async () => {
    const network = networkDouble();
    const { client, hosts } = falling({ network });
    network.tell("wake");
    const [first, second] = client.Scripted.opened;
    first?.fail();
    await settle();
    expect(hosts()).toEqual(["unit.test", "unit.test"]);
    second?.fail();
    await settle();
    expect(hosts()).toEqual(["unit.test", "unit.test", "b.test"]);
  });

  it("are as they were when the connect began, whatever the app takes out meanwhile (ADR-13)", async () => {
    const { client, hosts } = falling();
    await client.fail();
    client.manager.opts.addresses = [];
    await client.fail();
    await client.fail();
    expect(client.told()).toEqual(["connect_error unreachable", "error unreachable"]);
    await vi.advanceTimersByTimeAsync(1000);
    await client.fail();
    expect(hosts()).toEqual(["unit.test", "b.test", "c.test", "unit.test"]);
    expect(client.told()).toContain("reconnect_error unreachable");
  });

  it("begin with the first when the one that worked last was taken out", async () => {
    const { client, hosts } = falling();
    await client.fail();
    await client.enter();
    client.manager.opts.addresses = [C];
    await vi.advanceTimersByTimeAsync(5000);
    await client.fail();
    await vi.advanceTimersByTimeAsync(1000);
    expect(hosts().slice(2)).toEqual(["unit.test"]);
  });

  it("begin with the one that worked last, wherever it stands now (ADR-11)", async () => {
    const { client, hosts } = falling();
    await client.fail();
    await client.enter();
    client.manager.opts.addresses = [C, B];
    await vi.advanceTimersByTimeAsync(5000);
    await client.fail();
    await vi.advanceTimersByTimeAsync(1000);
    expect(hosts().slice(2)).toEqual(["b.test"]);
  });

  it("are tried once each, also when one is named twice (ADR-14)", async () => {
    const { client, hosts } = falling({ addresses: ["http://unit.test", B, B] });
    for (let i = 0; i < 2; i++) await client.fail();
    expect(client.told()).toContain("connect_error unreachable");
    expect(hosts()).toEqual(["unit.test", "b.test"]);
  });

  it("are left, after the delay, where a connection does not last (ADR-12)", async () => {
    const { client, hosts } = falling();
    client.shakeHands();
    await settle();
    await client.fail();
    await vi.advanceTimersByTimeAsync(999);
    expect(hosts()).toEqual(["unit.test"]);
    await vi.advanceTimersByTimeAsync(1);
    expect(hosts()).toEqual(["unit.test", "b.test"]);
    await client.enter();
    await vi.advanceTimersByTimeAsync(4999);
    await client.fail();
    await vi.advanceTimersByTimeAsync(2000);
    expect(hosts().slice(2)).toEqual(["c.test"]);
    client.shakeHands();
    await settle();
    await client.fail();
    await vi.advanceTimersByTimeAsync(4000);
    expect(hosts().slice(3)).toEqual(["unit.test"]);
  });

  it("are not left by an app that has left, nor when the network went away", async () => {
    const network = networkDouble();
    const { client, hosts } = falling({ network, probeTimeout: 100 });
    await client.enter();
    client.manager.socket("/").disconnect().connect();
    await client.enter();
    network.tell("wake");
    await vi.advanceTimersByTimeAsync(110);
    expect(hosts()).toEqual(["unit.test", "unit.test", "unit.test"]);
    expect(client.told()).toContain("close ping timeout");
  });

  it("are not left while another transport may do there", async () => {
    const [Stream, Poll] = [scriptedTransport("stream"), scriptedTransport("poll")];
    const client = scriptedClient(
      { transports: [Stream, Poll], addresses: [B], reconnectionDelay: 1000 },
      Stream,
    );
    client.socket();
    await client.enter();
    await client.fail();
    const hosts = [...Stream.opened, ...Poll.opened].map(({ options }) => options.hostname);
    expect(hosts).toEqual(["unit.test", "unit.test"]);
    Poll.latest.shakeHands();
    await settle();
    Poll.latest.fail();
    await vi.advanceTimersByTimeAsync(2000);
    expect(Stream.latest.options.hostname).toBe("b.test");
  });

  it("are reported when the app names none any more", async () => {
    const { client } = falling();
    await client.fail();
    client.manager.uri = "//";
    for (let i = 0; i < 2; i++) await client.fail();
    await vi.advanceTimersByTimeAsync(1000);
    expect(client.told()).toContain("error invalid-option");
  });

  it("are checked when they are handed in (ADR-15)", () => {
    const refusal = expect.objectContaining({ code: "invalid-option" }) as Error;
    for (const addresses of ["http://b.test", ["http://b.test:99999"], [{}]])
      expect(() => scriptedClient({ addresses: addresses as string[] })).toThrow(refusal);
  });

  it("are of one manager", () => {
    const options = { addresses: [B], autoConnect: false };
    const first = io("http://a.test", options);
    expect(io("http://a.test/chat", options).io).toBe(first.io);
  });
});

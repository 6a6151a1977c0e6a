import { describe, expect, it } from "vitest";
import { serve } from "../support/harness.js";
import type { Device } from "../support/react-native/device.js";
import { farEnd, phone, ways } from "../support/react-native/phone.js";
import type { RunningSocketIo } from "../support/servers.js";

const bytes = { bytes: Array.from({ length: 300 }, (_, i) => i % 256) };

async function pair({
  transports,
  settles,
}: (typeof ways)[number]): Promise<[Device, RunningSocketIo]> {
  const server = await serve();
  server.io.on("connection", (socket) => {
    socket.on("echo", (...args: unknown[]) => (args.pop() as (...args: unknown[]) => void)(args));
  });
  const device = phone();
  await device.run("open", server.url, { transports });
  await device.run("settled", settles);
  return [device, server];
}

describe.each(ways)("React Native, over $name", (way) => {
  it("sends events and gets their acks (RNA-12)", async () => {
    const [device] = await pair(way);
    const args = [
      1,
      "zwei",
      { drei: [null, true] },
      "\u{1F600} \u2028 \u00e9",
      "x".repeat(200_000),
    ];
    expect(await device.run("ask", "echo", ...args)).toEqual(args);
  });

  it("sends bytes and gets bytes (RNA-12)", async () => {
    const [device] = await pair(way);
    expect(await device.run("ask", "echo", { deep: [bytes, { bytes: [] }] }, bytes)).toEqual([
      { deep: [bytes, { bytes: [] }] },
      bytes,
    ]);
  });

  it("hears events with bytes, and acks them", async () => {
    const [device, server] = await pair(way);
    const heard = device.told("heard");
    await device.run("answer", "ask");
    const far = await farEnd(server);
    const answer = (await far.emitWithAck("ask", "text", Buffer.from(bytes.bytes))) as unknown;
    expect(answer).toBe("text");
    expect((await heard).slice(0, 3)).toEqual(["ask", "text", bytes]);
  });

  it("reads what its own Blobs hold, which have no arrayBuffer() (RNA-13)", async () => {
    const [device] = await pair(way);
    expect(await device.run("sendBlob", "echo", "in a blob")).toEqual({
      canBeRead: "undefined",
      answer: [{ bytes: [...Buffer.from("in a blob")] }],
    });
  });
});

import { dial, hangUp, request } from "../lib/connect-real.mjs";

/** The host's own WebSocket stays in place. */
export function install() {}

/** Round trips until connected and until the first ack, `{ connect: { side: [] }, ack: { side: [] } }`. */
export async function measure(sides, { rounds, url, roundTrip }) {
  const connect = {};
  const ack = {};
  for (let round = -1; round < rounds; round++) {
    for (const side of sides) {
      const start = performance.now();
      const options = side.name === "peer" ? { transports: ["websocket"] } : {};
      const { client, ready } = dial(side, url, options);
      // The raw client has no buffer: it emits when it may.
      const answer = side.io ? request(side, client, "echo", 1) : undefined;
      await ready;
      const connectedAfter = performance.now() - start;
      await (answer ?? request(side, client, "echo", 1));
      const answeredAfter = performance.now() - start;
      hangUp(side, client);
      if (round < 0) continue; // warming up
      (connect[side.name] ??= []).push(connectedAfter / roundTrip);
      (ack[side.name] ??= []).push(answeredAfter / roundTrip);
    }
  }
  return { connect, ack };
}

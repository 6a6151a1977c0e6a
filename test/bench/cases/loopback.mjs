import { dial, hangUp, request } from "../lib/connect-real.mjs";
import { quantile } from "../lib/stats.mjs";

const FLOOD = 20_000;
const ARGUMENT = { id: 7, x: 10.5, y: -3, name: "ada" };
const ROUND_TRIPS = 400;

/** The host's own WebSocket stays in place. */
export function install() {}

/** `{ latency: { side: p50 in us }, throughput: { side: events a second } }`, a number a round. */
export async function measure(sides, { rounds, url, sliceRounds = 5 }) {
  const latency = {};
  const throughput = {};
  const connections = [];
  for (const side of sides) {
    const { client, ready } = dial(side, url, { transports: ["websocket"] });
    await ready;
    connections.push({ side, client });
  }
  for (let round = -1; round < rounds; round++) {
    const samples = new Map(connections.map((connection) => [connection, []]));
    const rates = new Map(connections.map((connection) => [connection, []]));
    for (let slice = 0; slice < sliceRounds; slice++) {
      for (let turn = 0; turn < connections.length; turn++) {
        const connection = connections[(turn + slice + round + 1) % connections.length];
        samples.get(connection).push(...(await roundTrips(connection)));
        rates.get(connection).push(await flood(connection));
      }
    }
    if (round < 0) continue; // warming up
    for (const connection of connections) {
      const { name } = connection.side;
      (latency[name] ??= []).push(quantile(samples.get(connection), 0.5) * 1000);
      (throughput[name] ??= []).push(quantile(rates.get(connection), 0.5));
    }
  }
  for (const { side, client } of connections) hangUp(side, client);
  return { latency, throughput };
}

async function roundTrips({ side, client }) {
  const samples = [];
  for (let index = 0; index < ROUND_TRIPS; index++) {
    const start = performance.now();
    await request(side, client, "echo", ARGUMENT);
    samples.push(performance.now() - start);
  }
  return samples;
}

/** Events a second, from the first emit until the server has answered the last one. */
async function flood({ side, client }) {
  const start = performance.now();
  for (let index = 0; index < FLOOD; index++) client.emit("move", ARGUMENT);
  await request(side, client, "echo", 1);
  return FLOOD / ((performance.now() - start) / 1000);
}

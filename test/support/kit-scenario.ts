/** A busy scenario of the network in memory, for whoever compares runs: two clients, two namespaces, acks, bytes, faults. */
import { atLeastOnce } from "../../src/delivery/index.js";
import { KINDS, type FaultKind } from "../../src/test-kit/faults.js";
import { faultsOf, network } from "../../src/test-kit/index.js";

const kinds = Object.keys(KINDS) as FaultKind[];

export async function transcriptOf(seed: number): Promise<string> {
  const net = network({ seed });
  try {
    const server = net.server("https://chat.example", { connectionStateRecovery: {} });
    for (const name of ["/", "/other"])
      server.of(name).on("connection", (far) => {
        far.join("all");
        far.on("n", (n: unknown, answer: unknown) => {
          server.of(name).to("all").emit("heard", n);
          (answer as (n: unknown) => void)(n);
        });
      });
    const sockets = ["/", "/other", "/"].map((path) =>
      net.io(`https://chat.example${path}`, {
        transports: path === "/" ? ["polling", "websocket"] : ["websocket", "polling"],
        delivery: atLeastOnce(),
      }),
    );
    for (const fault of faultsOf({ seed, kinds, maxFaults: 6, duration: 20_000 }))
      net.later(fault.at, () => net.strike(fault));
    net.later(20_000, () => net.heal());
    for (let n = 0; n < 40; n++) {
      for (const socket of sockets) socket.emit("n", n % 7 ? n : Uint8Array.of(n, seed), () => {});
      await net.advance(700);
    }
    await net.advance(60_000);
    return net.transcript;
  } finally {
    await net.close();
  }
}

export async function transcriptsOf(first: number, count: number): Promise<string[]> {
  const all: string[] = [];
  for (let seed = first; seed < first + count; seed++) all.push(await transcriptOf(seed));
  return all;
}

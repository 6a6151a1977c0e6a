import { curves } from "../cases/scaling.mjs";

export const SIZES = [1, 10, 100, 1000, 10_000];

/** Cost at 1 to 10,000 of a thing: `[{ curve, points: [{ size, peer, tautline }] }]`. */
export async function measureScaling(host, { rounds, ...options }) {
  const results = [];
  for (const curve of curves) {
    const points = [];
    for (const size of SIZES) {
      const values = await host.run("scaling", {
        ...options,
        rounds: Math.min(rounds, 5),
        curve,
        size,
      });
      points.push({ size, ...values });
    }
    results.push({ curve, points });
    console.log(
      `scaling: ${curve.padEnd(42)}`,
      points
        .map(
          ({ size, ...values }) => `${size}: ${Object.values(values).map(Math.round).join(" / ")}`,
        )
        .join("  "),
    );
  }
  return results;
}

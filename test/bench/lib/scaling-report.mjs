import { linePanels } from "./chart.mjs";

export function scalingChart(scaling) {
  return linePanels({
    title: "Nanoseconds for one operation, as there is more of something",
    panels: scaling.map(({ curve, points }) => ({
      title: curve,
      xLabel: "how many",
      yLabel: "ns",
      log: "xy",
      series: ["peer", "tautline"]
        .filter((side) => points[0][side] !== undefined)
        .map((side) => ({
          side,
          // one alone has no distance to the next: nothing to draw
          points: points
            .filter((point) => point[side] > 0)
            .map((point) => [point.size, point[side]]),
        })),
    })),
  });
}

/** Nanoseconds for one operation: Tautline's, and the peer's in brackets. */
export function scalingTable(scaling) {
  const sizes = scaling[0].points.map(({ size }) => size.toLocaleString("en"));
  return [
    `| ns for one operation, Tautline (socket.io-client) | ${sizes.join(" | ")} |`,
    `|--|${sizes.map(() => "--:").join("|")}|`,
    ...scaling.map(({ curve, points }) => {
      const cells = points.map(({ tautline, peer }) => `${whole(tautline)} (${whole(peer)})`);
      return `| ${curve} | ${cells.join(" | ")} |`;
    }),
  ].join("\n");
}

function whole(value) {
  return value === undefined ? "–" : Math.round(value).toLocaleString("en");
}

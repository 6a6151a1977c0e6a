// Small SVG charts without dependencies, readable on light and dark pages.

const COLOURS = { raw: "#888888", peer: "#c2571a", tautline: "#1769c2", goal: "#2e8540" };
const NAMES = { raw: "raw WebSocket", peer: "socket.io-client", tautline: "Tautline" };
/** On a dark page: by the colours that are named below. */
const DARK = {
  "#ffffff": "#171f29",
  "#222222": "#ece6d8",
  "#666666": "#a3acb7",
  "#cccccc": "#4a5665",
  "#eeeeee": "#2b3542",
  [COLOURS.peer]: "#f0a06a",
  [COLOURS.tautline]: "#79b4f2",
  [COLOURS.goal]: "#7fcca2",
};
const FONT = `font-family="system-ui, sans-serif"`;

export function escape(text) {
  return String(text).replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function document(width, height, title, body) {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escape(title)}">
<title>${escape(title)}</title>
<style>@media (prefers-color-scheme: dark) {
${Object.entries(DARK).map(darkRule).join("\n")}
}</style>
<rect width="${width}" height="${height}" fill="#ffffff"/>
${body.join("\n")}
</svg>
`;
}

function darkRule([light, dark]) {
  return ["fill", "stroke"].map((name) => `[${name}="${light}"] { ${name}: ${dark} }`).join(" ");
}

function text(
  x,
  y,
  content,
  { size = 12, anchor = "start", fill = "#222222", weight = "normal" } = {},
) {
  return `<text x="${round(x)}" y="${round(y)}" ${FONT} font-size="${size}" font-weight="${weight}" text-anchor="${anchor}" fill="${fill}">${escape(content)}</text>`;
}

function legend(x, y, keys) {
  return keys.flatMap((key, index) => [
    `<rect x="${x + index * 150}" y="${y - 9}" width="10" height="10" fill="${COLOURS[key]}"/>`,
    text(x + index * 150 + 15, y, key === "goal" ? "goal" : NAMES[key]),
  ]);
}

/**
 * Horizontal bars in pairs.
 *
 * @param bars `[{ label, peer, tautline, goal }]`, all in the same unit; a bar longer than `max` is cut
 */
export function barChart({ title, unit, bars, max }) {
  const left = 410;
  const width = 980;
  const band = 34;
  const top = 62;
  const scale = (value) => (Math.min(value, max) / max) * (width - left - 70);
  const body = [
    text(16, 24, title, { size: 16, weight: "bold" }),
    ...legend(left, 46, ["tautline", "peer", "goal"]),
  ];
  bars.forEach((bar, index) => {
    const y = top + index * band;
    body.push(text(left - 10, y + 17, bar.label, { anchor: "end" }));
    ["tautline", "peer"].forEach((side, offset) => {
      const value = bar[side];
      if (value === undefined) return;
      // behind the goal's tick, where that is in the way
      const x = left + scale(Math.max(value, bar.goal ?? 0, 1));
      body.push(
        `<rect x="${left}" y="${y + 2 + offset * 12}" width="${round(scale(value))}" height="11" fill="${COLOURS[side]}"/>`,
        text(x + 5, y + 12 + offset * 12, value.toFixed(2) + (value > max ? " →" : ""), {
          size: 10,
        }),
      );
    });
    if (bar.goal !== undefined) body.push(verticalTick(left + scale(bar.goal), y, y + 27));
  });
  const one = left + scale(1);
  const bottom = top + bars.length * band + 4;
  body.push(
    `<line x1="${round(one)}" y1="${top}" x2="${round(one)}" y2="${bottom}" stroke="#888888" stroke-dasharray="3 3"/>`,
    text(one, bottom + 14, `1.0 ${unit}`, { size: 10, anchor: "middle", fill: "#666666" }),
  );
  return document(width, bottom + 24, title, body);
}

function verticalTick(x, from, to) {
  return `<line x1="${round(x)}" y1="${from}" x2="${round(x)}" y2="${to}" stroke="${COLOURS.goal}" stroke-width="2"/>`;
}

/**
 * Several small line charts in a row or more.
 *
 * @param panels `[{ title, xLabel, yLabel, log, series: [{ side, points: [[x, y]] }] }]`; `log` "xy" or "" for the axes
 */
export function linePanels({ title, panels, columns = 2 }) {
  const [panelWidth, panelHeight, top] = [430, 260, 62];
  const rows = Math.ceil(panels.length / columns);
  const sides = [...new Set(panels.flatMap(({ series }) => series.map(({ side }) => side)))];
  const body = [text(16, 24, title, { size: 16, weight: "bold" }), ...legend(16, 46, sides)];
  panels.forEach((panel, index) => {
    const x = (index % columns) * panelWidth;
    const y = top + Math.floor(index / columns) * panelHeight;
    body.push(...drawPanel(panel, x + 58, y + 26, panelWidth - 78, panelHeight - 76));
  });
  return document(columns * panelWidth, top + rows * panelHeight, title, body);
}

function drawPanel({ title, xLabel, yLabel, log = "", series }, left, top, width, height) {
  const points = series.flatMap((one) => one.points);
  const horizontal = axis(
    points.map(([x]) => x),
    log.includes("x"),
  );
  const vertical = axis(
    points.map(([, y]) => y),
    log.includes("y"),
  );
  const toX = (value) => left + horizontal.position(value) * width;
  const toY = (value) => top + height - vertical.position(value) * height;
  const body = [
    text(left, top - 10, title, { weight: "bold" }),
    `<rect x="${left}" y="${top}" width="${width}" height="${height}" fill="none" stroke="#cccccc"/>`,
    text(left + width / 2, top + height + 34, xLabel, {
      size: 10,
      anchor: "middle",
      fill: "#666666",
    }),
    text(left + 6, top + 14, yLabel, { size: 10, fill: "#666666" }),
  ];
  for (const tick of horizontal.ticks) {
    body.push(text(toX(tick), top + height + 16, label(tick), { size: 10, anchor: "middle" }));
  }
  for (const tick of vertical.ticks) {
    const y = round(toY(tick));
    body.push(
      `<line x1="${left}" y1="${y}" x2="${left + width}" y2="${y}" stroke="#eeeeee"/>`,
      text(left - 6, toY(tick) + 4, label(tick), { size: 10, anchor: "end" }),
    );
  }
  for (const { side, points: line } of series) {
    const path = line
      .map(([x, y], at) => `${at ? "L" : "M"}${round(toX(x))} ${round(toY(y))}`)
      .join("");
    body.push(`<path d="${path}" fill="none" stroke="${COLOURS[side]}" stroke-width="1.8"/>`);
  }
  return body;
}

function axis(values, logarithmic) {
  if (logarithmic) {
    const positive = values.filter((value) => value > 0);
    const from = Math.floor(Math.log10(Math.min(...positive)));
    const to = Math.max(from + 1, Math.ceil(Math.log10(Math.max(...positive))));
    return {
      ticks: Array.from({ length: to - from + 1 }, (_, index) => 10 ** (from + index)),
      position: (value) => (Math.log10(Math.max(value, 10 ** from)) - from) / (to - from),
    };
  }
  const max = Math.max(...values);
  const step = niceStep(max / 4);
  const end = Math.ceil(max / step) * step;
  return {
    ticks: Array.from({ length: Math.round(end / step) + 1 }, (_, index) => index * step),
    position: (value) => value / end,
  };
}

function niceStep(rough) {
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough);
}

function label(value) {
  return value >= 1000
    ? `${Number((value / 1000).toPrecision(3))}k`
    : String(Number(value.toPrecision(3)));
}

function round(value) {
  return Math.round(value * 10) / 10;
}

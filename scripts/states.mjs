/**
 * Writes docs/states.md: the state tables of src/ as diagrams. To add a machine, add it to `machines`.
 */
import { writeFile } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../", import.meta.url));

export const machines = [
  {
    title: "Connection",
    table: "connectionTable",
    source: "src/connection/connection.ts",
    initial: "closed",
    says: "One session after another, kept alive for all namespaces until the app closes it or the attempts are used up.",
  },
  {
    title: "Channel",
    table: "channelTable",
    source: "src/connection/channel.ts",
    initial: "idle",
    says: "One namespace on a connection: `pending` waits for the connection, `asking` for the answer to CONNECT, `questioned` for the answer to the delivery policy's question; `leaving` still sends, and in `left` the server has been told.",
  },
  {
    title: "Packet",
    table: "packetTable",
    source: "src/pipeline/packet.ts",
    initial: "made",
    says: "What an app emits, until it is certain what has become of it: only a packet that is `made` or `waiting` has surely not arrived.",
  },
  {
    title: "Session",
    table: "sessionTable",
    source: "src/engine/session-table.ts",
    initial: "opening",
    says: "One Engine.IO session, which is never used again once it is closed; `closing` sends what was written before.",
  },
  {
    title: "Upgrade",
    table: "upgradeTable",
    source: "src/engine/upgrade.ts",
    initial: "idle",
    says: "The move of a session to a better transport: it can be given up until the server has been told, which is when `switching` begins.",
  },
];

/** Arrows with the same ends are one. */
function diagram(table, initial) {
  const arrows = [`[*] --> ${initial}`];
  for (const [state, transitions] of Object.entries(table)) {
    const events = new Map();
    for (const [event, next] of Object.entries(transitions))
      events.set(next, [...(events.get(next) ?? []), event]);
    for (const [next, names] of events) arrows.push(`${state} --> ${next}: ${names.join(", ")}`);
    if (events.size === 0) arrows.push(`${state} --> [*]`);
  }
  return ["```mermaid", "stateDiagram-v2", ...arrows.map((arrow) => `  ${arrow}`), "```"];
}

/** The text of docs/states.md. @param tables the tables by name */
export function renderStates(tables) {
  const sections = machines.map(({ title, table, source, initial, says }) =>
    [
      `## ${title}`,
      "",
      `${says} (\`${table}\` in [${source}](../${source}))`,
      "",
      ...diagram(tables[table], initial),
    ].join("\n"),
  );
  const head = [
    "# States",
    "",
    "Made from the tables in the source by `npm run states`; don't edit it. An event that a state has no",
    "arrow for is ignored there.",
  ].join("\n");
  return [head, ...sections].join("\n\n") + "\n";
}

async function readTables() {
  const { outputFiles } = await build({
    stdin: {
      contents: machines
        .map(({ table, source }) => `export { ${table} } from "./${source}";`)
        .join("\n"),
      resolveDir: root,
    },
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
  });
  const code = Buffer.from(outputFiles[0].contents).toString("base64");
  return import(`data:text/javascript;base64,${code}`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await writeFile(new URL("../docs/states.md", import.meta.url), renderStates(await readTables()));
}

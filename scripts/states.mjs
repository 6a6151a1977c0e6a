/**
 * Writes docs/states.md: the state tables of src/ with the meaning of each state. To add a machine, add it to `machines`, with a sentence for
 * each of its states.
 */
import { writeFile } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../", import.meta.url));

export const machines = [
  {
    title: "Connection",
    table: "connectionTable",
    source: "src/connection/connection-table.ts",
    initial: "closed",
    says: "Keeps one session after another alive for all namespaces, until the app closes it or the attempts are used up.",
    states: {
      closed: "`connect()` was not called yet, or the app has closed it. Nothing is tried.",
      opening: "A session is being opened: transports race for the handshake.",
      open: "There is a session.",
      waiting:
        "The connection was lost, or could not be made. The next try comes after a delay, or when a signal of the host ends it.",
      offline:
        "The host says that there is no network, or the page is in the page cache. It waits for a signal, and also tries every 30 s.",
      failed:
        "It has given up: the attempts are used up, or `reconnection` is false. `connect()` starts again.",
    },
  },
  {
    title: "Channel",
    table: "channelTable",
    source: "src/connection/channel-table.ts",
    initial: "idle",
    says: "One namespace on a connection. `line` in the name of an event means the connection below.",
    states: {
      idle: "The app has never asked it to connect.",
      disconnected:
        "The namespace was left, refused or closed by the server. It stays so until the app connects.",
      unauthorized:
        "The server has refused what the app's `auth` function returned three times, or the function has thrown this code. It stays so until the app connects.",
      pending: "It waits for a connection.",
      authorizing: "The app's `auth` function is running.",
      asking: "CONNECT has been sent, and is not answered yet.",
      questioned:
        "The server has let it in, and the delivery policy has sent it a question. The app gets no event yet.",
      retrying:
        "The server has refused, or the app's `auth` function has failed. It is asked again after a delay.",
      connected: "The app may send and hears events.",
      leaving:
        "The app has left. The DISCONNECT is not sent yet: what was emitted before is still being sent, or the CONNECT is not answered.",
      returning: "As `leaving`, and the app has called `connect()` again.",
      left: "The DISCONNECT is sent, and it is not known whether the server has handled it.",
      rejoining:
        "As `left`, and the app has called `connect()` again. A probe shows when the next CONNECT may be sent.",
    },
  },
  {
    title: "Packet",
    table: "packetTable",
    source: "src/pipeline/packet.ts",
    initial: "made",
    says: "A packet that an app emits, until its outcome is certain.",
    states: {
      made: "It is encoded, and not queued yet.",
      waiting: "It is in the outbox. It has not arrived.",
      sent: "It was passed to the connection, and may have arrived.",
      returned:
        "It is in the outbox again, because a delivery policy sends it again. It may have arrived.",
      acked: "The server has it. Its ack may still be answered.",
      ended: "It was answered, or will not be sent any more. Its ack has settled.",
    },
  },
  {
    title: "Durable packet",
    table: "entryTable",
    source: "src/durable/entry.ts",
    initial: "storing",
    says: "A packet of `socket.durable.emit()`, in one session. In the next session, a stored packet begins in `stored`.",
    states: {
      storing:
        "The store has been asked to store it. A crash loses it; the promise of `emit()` has not settled.",
      stored:
        "It is in the store, and not in the pipeline: there is no connection, or another tab sends.",
      unstored: "The store has failed: it is in the memory of this tab, until it is sent.",
      sending: "It is in the pipeline, waiting or sent. It stays in the store until it has ended.",
      delivered: "The server's app has acked it. It is removed from the store.",
      expired: "Its time to live was over. It is removed from the store.",
      refused:
        "The server's app has refused it, or it was sent too often without success, or it cannot be sent. It is removed from the store.",
      cleared: "The app has dropped it.",
    },
  },
  {
    title: "Session",
    table: "sessionTable",
    source: "src/engine/session-table.ts",
    initial: "opening",
    says: "One Engine.IO session. It is used once.",
    states: {
      opening: "Transports race for the handshake.",
      open: "A transport carries it.",
      closing:
        "This side has closed it. What was written before is still being sent, until there is no progress for 5 s.",
      closed: "It is over.",
    },
  },
  {
    title: "Upgrade",
    table: "upgradeTable",
    source: "src/engine/upgrade.ts",
    initial: "idle",
    says: "The move of a session to a better transport. It can be abandoned until the switch is sent to the server.",
    states: {
      idle: "It has not begun.",
      probing: "The new transport is being opened and probed.",
      pausing:
        "The probe is answered. The switch waits for the POST in flight, and for the poll that has to reach the server first.",
      switching:
        "The switch is sent. All packets are written to the new transport. Packets that it receives wait until the last poll of the old one has returned.",
      upgraded: "The new transport carries the session alone.",
      abandoned: "The session stays on the old transport, or is over.",
    },
  },
  {
    title: "WebSocket",
    table: "websocketTable",
    source: "src/websocket/websocket-table.ts",
    initial: "closed",
    says: "A `ReconnectingWebSocket`, which makes one connection after another. The event `open` starts another connection at once, in each state.",
    states: {
      closed: "It is closed, or was not opened yet. Messages wait, in case the app opens it.",
      opening: "The functions for address and protocols run, then the host connects.",
      open: "Messages go both ways.",
      waiting: "A connection or a try is over. It waits for the next try; a signal ends the wait.",
      closing: "The app has closed it, and the host performs the close handshake.",
    },
  },
  {
    title: "Tab",
    table: "tabTable",
    source: "src/shared/tab-table.ts",
    initial: "away",
    says: "A tab among those that share a connection. The tab that holds the lock is the host.",
    states: {
      away: "It does not share: no socket needs a connection, or the page is in the page cache or frozen.",
      seeking: "It has requested the lock, and asked which tab is the host.",
      guest: "Another tab is the host. This tab asks repeatedly whether the host is alive.",
      host: "It has the lock, and the connection.",
      handing:
        "It has the lock, and hands it to another tab: it waits for packets in flight, closes the connection, then tells the other tab.",
      alone: "This page may not use locks: it has its own connection.",
    },
  },
  {
    title: "Stream",
    table: "streamTable",
    source: "src/stream/stream-table.ts",
    initial: "waiting",
    says: "One side of a stream, sender or receiver, at the client or the server.",
    states: {
      waiting: "There is no connection, or the client has not asked for the stream yet.",
      opening: "The client has asked for it.",
      flowing: "Both sides know where the other one is.",
      ended: "It is complete, failed or was aborted.",
    },
  },
];

/** Where the events of a state lead, one line for each next state. */
function exits(transitions) {
  const events = new Map();
  for (const [event, next] of Object.entries(transitions))
    events.set(next, [...(events.get(next) ?? []), `\`${event}\``]);
  if (events.size === 0) return "none: it is the last state";
  return [...events].map(([next, names]) => `${names.join(", ")} → \`${next}\``).join("<br>");
}

/** The text of docs/states.md. @param tables the tables by name */
export function renderStates(tables) {
  const sections = machines.map(({ title, table, source, initial, says, states }) =>
    [
      `## ${title}`,
      "",
      `${says} It begins in \`${initial}\`. (\`${table}\` in [${source}](../${source}))`,
      "",
      "| state | what it means | event → next state |",
      "| --- | --- | --- |",
      ...Object.entries(states).map(
        ([state, means]) => `| \`${state}\` | ${means} | ${exits(tables[table][state])} |`,
      ),
    ].join("\n"),
  );
  const head = [
    "# States",
    "",
    "Made from the tables in the source by `npm run states`; don't edit it. A state ignores each event that its row",
    "does not list.",
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

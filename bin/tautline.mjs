#!/usr/bin/env node
/** `npx tautline doctor URL`: why a client does not connect, from this machine. */
import { parseArgs } from "node:util";
import { diagnose } from "../dist/doctor.js";

const USAGE = `Usage: tautline doctor URL [options]

  URL                as io() takes it: the namespace is its path
  --path PATH        path of the server on its host (default: /socket.io/)
  --auth JSON        what the server's middleware gets
  --header "N: V"    a header of the HTTP requests; may be repeated
  --timeout MS       milliseconds for all of it (default: 2800)
  --json             print the whole report as JSON

Exits with 0 when nothing is wrong, 1 when something is, 2 when it was called wrongly.`;

/** The host's class, or that of ws, which socket.io brings along. */
async function webSocketClass() {
  if (globalThis.WebSocket) return globalThis.WebSocket;
  try {
    return (await import("ws")).WebSocket;
  } catch {
    return undefined;
  }
}

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      path: { type: "string" },
      auth: { type: "string" },
      header: { type: "string", multiple: true, default: [] },
      timeout: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const [command, url, ...rest] = positionals;
  if (command !== "doctor" || !url || rest.length) throw new Error("one command and one URL");
  const timeout = values.timeout === undefined ? undefined : Number(values.timeout);
  if (timeout !== undefined && !(timeout > 0)) throw new Error("--timeout takes milliseconds");
  const auth = values.auth === undefined ? undefined : JSON.parse(values.auth);
  if (auth !== undefined && Object(auth) !== auth) throw new Error("--auth takes a JSON object");
  const extraHeaders = Object.fromEntries(
    values.header.map((line) => {
      const at = line.indexOf(":");
      if (at < 1) throw new Error('--header takes "name: value"');
      return [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    }),
  );
  return { url, isJson: values.json, options: { path: values.path, auth, extraHeaders, timeout } };
}

async function main() {
  let call;
  try {
    call = readArguments();
  } catch (error) {
    console.error(`${error.message}\n\n${USAGE}`);
    return 2;
  }
  if (!call) {
    console.log(USAGE);
    return 0;
  }
  const report = await diagnose(call.url, { ...call.options, WebSocket: await webSocketClass() });
  if (call.isJson) console.log(JSON.stringify(report, undefined, 2));
  else {
    const { cause, causes, evidence, fix, docs, connects, ms } = report;
    const rows = [
      ["cause", cause],
      ["connects", connects ? "yes" : "no"],
      ...evidence.map((line, index) => [
        index ? `also ${causes[index] ?? ""}`.trim() : "evidence",
        line,
      ]),
      ["fix", fix],
      ["docs", docs],
      ["took", `${ms} ms`],
    ];
    const width = Math.max(...rows.map(([name]) => name.length));
    for (const [name, text] of rows) console.log(`${name.padEnd(width)}  ${text}`);
  }
  return report.cause === "none" ? 0 : 1;
}

process.exitCode = await main();
// a request that nobody waits for any more must not hold the process
process.exit();

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type InstalledPackage, installTarball } from "./tarball.ts";

/** What comes from the other entries, the same in every kind of module. */
const subpaths = `
import { atLeastOnce, exactlyOnce, drained, flush, type Delivery } from "tautline/delivery";
import { io as everything, stats as sameStats } from "tautline/full";
import { events, next } from "tautline/reading";
import { useSocket, useSocketEvent } from "tautline/react";
import { reactNativeSignals } from "tautline/react-native";
import { dedupe } from "tautline/server";
import { createIo, memory, signals, upgrade, WebSocket, XHR } from "tautline/slim";
import { rtt, stats, type ManagerStats } from "tautline/stats";
import { useSocketIO, useWebSocket as usePlain } from "tautline/vue";
import { webTransport } from "tautline/webtransport";
interface Heard { price: (item: string, value: number) => void }
const once: Delivery = exactlyOnce();
const lean = createIo({ transports: { websocket: WebSocket, polling: XHR }, upgrade, memory, signals });
const reader = lean<Heard>("http://localhost", { delivery: atLeastOnce(), transports: ["websocket", webTransport] });
const full = everything("http://localhost", { delivery: once });
export async function read(): Promise<number> {
  await flush(reader, { timeout: 1000 });
  await drained(full, { below: 1000 });
  for await (const [item, value] of events(reader, "price")) if (item === "rope") return value;
  const [, value] = await next(reader, "price");
  // @ts-expect-error no such event
  void next(reader, "weather");
  // @ts-expect-error a delivery is a value
  lean("http://localhost", { delivery: "at-least-once" });
  const { rtt: times }: ManagerStats = stats(reader.io);
  reader.io.on("drop", ({ code }, { data }) => console.log(code === "overflow", data));
  return times.last ?? (await rtt(full.io)) + value;
}
export function usePrice(): boolean {
  const { socket, isConnected } = useSocket<Heard>("http://localhost");
  useSocketEvent(socket, "price", (item, value) => console.log(item.length, value.toFixed()));
  // @ts-expect-error no such event
  useSocketEvent(socket, "weather", () => {});
  return isConnected;
}
export function useRope(): number | null {
  const { instance, addEventHandler } = useSocketIO<Heard>("http://localhost", { autoClose: true });
  addEventHandler("price", (item, value) => console.log(item.length, value.toFixed(), instance.value.id));
  // @ts-expect-error no such event
  addEventHandler("weather", () => {});
  return usePlain<number>("ws://localhost").data.value;
}
export const more = { reactNativeSignals, dedupe, sameStats };
`;

const esModule = `
import io, { Manager, Socket, TautlineError, connect, protocol } from "tautline";
import type { ManagerOptions } from "tautline";
interface Events { hello: (name: string) => void }
const options: Partial<ManagerOptions> = { path: "/chat" };
const socket: Socket<Events, Events> = io("http://localhost", options);
socket.emit("hello", "you");
// @ts-expect-error a wrong argument
socket.emit("hello", 1);
const other: Socket = new Manager("http://localhost").socket("/admin");
const error: Error | undefined = undefined as TautlineError | undefined;
const five: 5 = protocol as 5;
export { connect, error, five, other };
${subpaths}`;

const commonJs = `
import io = require("tautline");
import standard, { Manager, type ManagerOptions } from "tautline";
interface Events { hello: (name: string) => void }
const options: Partial<ManagerOptions> = { path: "/chat" };
const socket: io.Socket<Events, Events> = io("http://localhost", options);
socket.emit("hello", "you");
// @ts-expect-error a wrong argument
socket.emit("hello", 1);
const other: io.Socket = new Manager("http://localhost").socket("/admin");
const third: io.Socket = io.connect("http://localhost");
const fourth: io.Socket = standard("http://localhost");
// @ts-expect-error no such export
void io.nothing;
export = { other, third, fourth };
`;

/** As most CommonJS is written: with \`import\`, and named exports. */
const transpiled = `
import io, { type Socket } from "tautline";
export const socket: Socket = io("http://localhost");
${subpaths}`;

/** A page's own script, which has the global of a script tag, and says so. */
const scriptTag = `
/// <reference types="tautline/dist/tautline.min.js" />
interface Heard { price: (item: string, value: number) => void }
const socket = io<Heard>("http://localhost", { transports: [io.WebSocket, io.XHR] });
socket.on("price", (item, value) => console.log(item.length, value.toFixed(2)));
const { code }: InstanceType<typeof globalThis.io.TautlineError> = new io.TautlineError("timeout", "");
// @ts-expect-error the build with everything has it
io.atLeastOnce();
`;

const scriptTagWithEverything = `
/// <reference types="tautline/dist/tautline.full.min.js" />
const socket = io("http://localhost", { delivery: io.atLeastOnce() });
void io.flush(socket).then(() => io.stats(socket.io).transport);
`;

/** An app that takes the self-contained module, and the types of the entry. */
const selfContained = `
import standard, { io, type Socket } from "tautline/dist/tautline.esm.min.js";
import type { Socket as Same } from "tautline";
const socket: Same = io("http://localhost");
const same: Socket = standard("http://localhost");
export { same, socket };
`;

/** How TypeScript finds the types. */
const resolutions = {
  node10: {
    module: ts.ModuleKind.CommonJS,
    moduleResolution: ts.ModuleResolutionKind.Node10,
    esModuleInterop: true,
  },
  node16: {
    module: ts.ModuleKind.Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16,
  },
  bundler: {
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
  },
} satisfies Record<string, ts.CompilerOptions>;

describe("The packed types", () => {
  let installed: InstalledPackage;

  beforeAll(() => {
    installed = installTarball();
  });
  afterAll(() => installed.remove());

  function complaints(
    files: Record<string, string>,
    resolution: keyof typeof resolutions,
  ): string[] {
    for (const [file, text] of Object.entries(files))
      writeFileSync(join(installed.app, file), text);
    const paths = Object.keys(files).map((file) => join(installed.app, file));
    const program = ts.createProgram(paths, {
      target: ts.ScriptTarget.ES2022,
      ...resolutions[resolution],
      lib: ["lib.es2022.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
      types: [],
      strict: true,
      skipLibCheck: false,
      noEmit: true,
    });
    return ts
      .getPreEmitDiagnostics(program)
      .map(
        ({ messageText, file, start }) =>
          `${file?.fileName.split("/").pop()}:${start}: ` +
          ts.flattenDiagnosticMessageText(messageText, "\n"),
      );
  }

  it("serve an ES module of Node (PKG-17)", () => {
    expect(complaints({ "app.mts": esModule }, "node16")).toEqual([]);
  });

  it("serve an app that is bundled (PKG-17)", () => {
    expect(complaints({ "app.ts": esModule }, "bundler")).toEqual([]);
  });

  it("serve CommonJS, where the package is a function (PKG-17)", () => {
    const files = { "app.cts": commonJs, "transpiled.cts": transpiled };
    expect(complaints(files, "node16")).toEqual([]);
  });

  it.each(["node16", "bundler"] as const)(
    "serve a page with a script tag (%s) (PKG-17)",
    (resolution) => {
      expect(complaints({ "page.ts": scriptTag }, resolution)).toEqual([]);
      expect(complaints({ "page.ts": scriptTagWithEverything }, resolution)).toEqual([]);
    },
  );

  it("serve who imports the self-contained module", () => {
    expect(complaints({ "cdn.mts": selfContained }, "node16")).toEqual([]);
    expect(complaints({ "cdn.ts": selfContained }, "bundler")).toEqual([]);
  });

  it("serve TypeScript that reads no exports maps (PKG-17)", () => {
    expect(complaints({ "old.ts": transpiled }, "node10")).toEqual([]);
  });
});

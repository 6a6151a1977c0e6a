import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { root } from "./tarball.ts";

/*
 * The snippets of the pages, each compiled as a module of its own against the built types. A snippet that uses what it does
 * not declare takes it from `SCENE`. To extend: add a name there.
 */
const SCENE = `
declare const socket: import("tautline").Socket;
declare const io: typeof import("tautline").io;
declare const x: number, y: number, data: string, chunks: Uint8Array[];
declare const button: HTMLButtonElement, label: HTMLElement;
declare function refresh(): Promise<string>;
declare function isFresh(token: unknown): boolean;
declare const redis: {
  set(key: string, value: string, options: object): Promise<string | null>;
  get(key: string): Promise<string | null>;
};
declare const server: import("socket.io").Server;
declare function dedupe(...args: Parameters<typeof import("tautline/server").dedupe>): void;
declare const url: string, options: {}, question: string, token: string;
declare const user: { id: string };
declare const fetchToken: () => Promise<{ token: string }>;
declare const append: (data: unknown) => void;
// Jest's
declare const beforeEach: (fn: () => unknown) => void, afterEach: typeof beforeEach;
interface Order { id: string }
declare const { useAck, useEmit, useSocket, useSocketEvent, useStream, useUpload, useWebSocket, socketReady }:
  typeof import("tautline/react");
declare const { use, useState }: typeof import("react");
declare module "*/events.mjs" {
  type Schema<Input, Output = Input> = import("tautline/contract").StandardSchema<Input, Output>;
  export const events: {
    readonly clientToServer: {
      readonly join: {
        readonly req: Schema<{ room: string }>;
        readonly res: Schema<{ since: string }, { since: Date }>;
        readonly errors: { readonly FULL: Schema<{ max: number }>; readonly CLOSED: {} };
      };
      readonly say: Schema<string>;
    };
    readonly serverToClient: { readonly chat: Schema<{ text: string; at: number }> };
  };
}
declare module "react-native" {
  export const AppState: import("tautline/react-native").AppStateLike;
}
declare module "@react-native-async-storage/async-storage" {
  const AsyncStorage: {
    getItem(key: string): Promise<string | null>;
    setItem(key: string, value: string): Promise<void>;
    getAllKeys(): Promise<readonly string[]>;
    multiGet(keys: readonly string[]): Promise<readonly [string, string | null][]>;
    multiSet(items: [string, string][]): Promise<void>;
    multiRemove(keys: readonly string[]): Promise<void>;
  };
  export default AsyncStorage;
}
declare module "@react-native-community/netinfo" {
  const NetInfo: import("tautline/react-native").NetInfoLike;
  export default NetInfo;
}
`;

/** Says what a thing looks like, and is no program. */
const isShape = (code: string): boolean => /^new \(options/.test(code);

const pages = [
  "README.md",
  "skill/SKILL.md",
  ...readdirSync(join(root, "docs")).map((name) => `docs/${name}`),
].filter((name) => name.endsWith(".md"));

interface Snippet {
  code: string;
  /** Of a file of a program whose other files stand on the same page: see test/support/doc-files.ts. */
  name: string | undefined;
  isJsx: boolean;
}

function snippetsOf(page: string): Snippet[] {
  const text = readFileSync(join(root, page), "utf8");
  const pattern = /(?:^<!-- file: (\S+) -->\n+)?^```([jt]s|tsx|vue)\n([^]*?)^```/gm;
  return [...text.matchAll(pattern)]
    .map(([, name, language, code = ""]) => ({
      name,
      // of a component of Vue, its script
      code: language === "vue" ? (/<script[^>]*>\n([^]*?)<\/script>/.exec(code)?.[1] ?? "") : code,
      isJsx: language === "tsx",
    }))
    .filter(({ code }) => !isShape(code));
}

/**
 * Files that are not on the disk: beside the pages, so that `tautline` is this package. The first version of each file of a
 * program stands in one folder with the others.
 */
const files = new Map<string, string>();
function fileOf(page: string, at: number, { name, isJsx }: Snippet): string {
  const folder = join(root, "docs", page.replace(/\W/g, "-"));
  const path = name && join(folder, name.replaceAll("/", "-").replace(/\.m?[jt]s$/, ".ts"));
  return path && !files.has(path) ? path : `${folder}-${at + 1}.${isJsx ? "tsx" : "ts"}`;
}

function compile(): Map<string, string[]> {
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    moduleDetection: ts.ModuleDetectionKind.Force,
    jsx: ts.JsxEmit.ReactJSX,
    lib: ["lib.es2022.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
    types: ["node", "react"],
    strict: true,
    skipLibCheck: true,
    noEmit: true,
  };
  const host = ts.createCompilerHost(options);
  const { directoryExists, fileExists, getSourceFile, readFile } = host;
  const folders = new Set([...files.keys()].map((name) => dirname(name)));
  host.directoryExists = (name) => folders.has(name) || (directoryExists?.(name) ?? true);
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.readFile = (name) => files.get(name) ?? readFile(name);
  host.getSourceFile = (name, ...rest) => {
    const text = files.get(name);
    return text === undefined
      ? getSourceFile(name, ...rest)
      : ts.createSourceFile(name, text, ts.ScriptTarget.ES2022);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  const complaints = new Map<string, string[]>();
  for (const { file, messageText } of ts.getPreEmitDiagnostics(program)) {
    const name = file?.fileName ?? "";
    const text = ts.flattenDiagnosticMessageText(messageText, "\n");
    complaints.set(name, [...(complaints.get(name) ?? []), text]);
  }
  return complaints;
}

describe("The snippets", () => {
  const cases = pages.flatMap((page) =>
    snippetsOf(page).map((snippet, at) => {
      const file = fileOf(page, at, snippet);
      // a module, also where it imports nothing
      files.set(file, `${snippet.code}export {};\n`);
      return { page, number: at + 1, file };
    }),
  );
  files.set(join(root, "docs", "scene.d.ts"), SCENE);
  let complaints: Map<string, string[]> | undefined;

  it("are many", () => {
    expect(cases.length).toBeGreaterThan(20);
  });

  it.each(cases)("of $page: number $number compiles (PKG-21)", ({ file }) => {
    complaints ??= compile();
    expect(complaints.get(file) ?? []).toEqual([]);
  });

  it("are set in a scene that compiles", () => {
    complaints ??= compile();
    const known = new Set(cases.map(({ file }) => file));
    expect([...complaints].filter(([name]) => !known.has(name))).toEqual([]);
  });
});

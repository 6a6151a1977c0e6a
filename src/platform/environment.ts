/** What kind of place this is, without anything that tells one user from another. */
export interface Environment {
  host: "browser" | "worker" | "node" | "deno" | "bun" | "react-native" | "other";
  /** Name and major version, where the host has a user agent of a browser: "Chrome 156". */
  browser?: string;
  /** "Windows", "macOS", "Linux", "Android", "iOS". */
  system?: string;
  /** What the host says of its network. */
  online?: boolean;
  /** "visible" or "hidden". */
  visibility?: string;
}

interface Global {
  navigator?: { product?: string; userAgent?: string; onLine?: boolean };
  document?: { visibilityState?: string };
  process?: { versions?: { node?: string } };
  Deno?: unknown;
  Bun?: unknown;
  importScripts?: unknown;
}

/** Patterns of user agents. Browsers whose user agent also names others come first. */
const BROWSERS: readonly [name: string, pattern: RegExp][] = [
  ["Edge", /Edg\w*\/(\d+)/],
  ["Opera", /OPR\/(\d+)/],
  ["Firefox", /(?:Firefox|FxiOS)\/(\d+)/],
  ["Chrome", /(?:Chrome|CriOS)\/(\d+)/],
  ["Safari", /Version\/(\d+).* Safari/],
];

const SYSTEMS: readonly [name: string, pattern: RegExp][] = [
  ["Android", /Android/],
  ["iOS", /iPhone|iPad|iPod/],
  ["Windows", /Windows/],
  ["macOS", /Mac OS X/],
  ["Linux", /Linux|CrOS/],
];

/** Reads the environment. */
export function environment(): Environment {
  const global = globalThis as Global;
  const { navigator, document } = global;
  const { userAgent = "", onLine } = navigator ?? {};
  const found: Environment = { host: hostOf(global) };
  for (const [name, pattern] of BROWSERS) {
    const [, version] = pattern.exec(userAgent) ?? [];
    if (!version) continue;
    found.browser = `${name} ${version}`;
    break;
  }
  const [system] = SYSTEMS.find(([, pattern]) => pattern.test(userAgent)) ?? [];
  if (system) found.system = system;
  if (typeof onLine === "boolean") found.online = onLine;
  if (document?.visibilityState) found.visibility = document.visibilityState;
  return found;
}

function hostOf({
  Deno,
  Bun,
  process,
  navigator,
  document,
  importScripts,
}: Global): Environment["host"] {
  if (navigator?.product === "ReactNative") return "react-native";
  if (Deno) return "deno";
  if (Bun) return "bun";
  if (document) return "browser";
  if (process?.versions?.node) return "node";
  return importScripts ? "worker" : "other";
}

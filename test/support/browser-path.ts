import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

const commands = [
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
  "chrome",
  "microsoft-edge",
];

const files = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  ...[process.env["PROGRAMFILES"], process.env["PROGRAMFILES(X86)"], process.env["LOCALAPPDATA"]]
    .filter((folder) => folder !== undefined)
    .map((folder) => join(folder, "Google/Chrome/Application/chrome.exe")),
];

export const missingBrowser =
  "No Chromium or Chrome was found: the browser tests do not run. " +
  "Install one (Debian, Ubuntu: apt-get install chromium), or set CHROME_PATH to its executable.";

export const browserIsRequired = process.env["TAUTLINE_REQUIRE_BROWSER"] === "1";

/** The browser's executable: CHROME_PATH, or what the system has. Undefined when there is none. */
export function findBrowser(): string | undefined {
  const wanted = process.env["CHROME_PATH"];
  if (wanted) return isExecutable(wanted) ? wanted : undefined;
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const inPath = commands.flatMap((command) => folders.map((folder) => join(folder, command)));
  return [...inPath, ...files].find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

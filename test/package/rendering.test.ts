import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type InstalledPackage, installTarball } from "./tarball.ts";

/** A module of an app that is rendered on a server, where there is no page; it tells of all that happens to its socket. */
const module = (make: string): string => `
  export const socket = ${make};
  const log = [socket.connected, socket.nsp];
  socket.on("connect_error", ({ code, isFinal }) => log.push(code, isFinal));
  socket.io.on("reconnect_attempt", () => log.push("again"));
  process.on("exit", () => console.log(JSON.stringify([...log, socket.connected])));
`;

describe("On a server that renders pages", () => {
  let installed: InstalledPackage;

  beforeAll(() => {
    installed = installTarball();
  });
  afterAll(() => installed.remove());

  it.each([
    ["io()", "/", ["invalid-option", true]],
    ['io("/admin", { auth: { token: "x" } })', "/admin", ["invalid-option", true]],
    ["io.connect()", "/", ["invalid-option", true]],
    ["new Manager().socket('/')", "/", ["invalid-option", true]],
    ["io({ autoConnect: false })", "/", []],
  ])("%s makes a socket, and keeps no process alive (PKG-22)", (make, nsp, told) => {
    const script = `import io, { Manager } from "tautline"; ${module(make)}`;
    for (const flags of [[], ["--conditions=development"]])
      expect(installed.run(script, "module", ...flags)).toEqual([false, nsp, ...told, false]);
  });

  it("says nothing where nobody listens", () => {
    const said = execFileSync(
      process.execPath,
      ["--input-type=module", "--eval", `import { io } from "tautline"; io();`],
      { cwd: installed.app, encoding: "utf8" },
    );
    expect(said).toBe("");
  });
});

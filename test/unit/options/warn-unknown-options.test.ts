import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { warnUnknownOptions } from "../../../src/options/warn-unknown-options.js";

const warn = vi.fn();
beforeEach(() => {
  warn.mockReset();
  const spy = vi.spyOn(console, "warn").mockImplementation(warn);
  onTestFinished(() => spy.mockRestore());
});

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");

describe("warnUnknownOptions", () => {
  it.each([
    ["reconectionDelay", "reconnectionDelay"],
    ["reconnectDelay", "reconnectionDelay"],
    ["ReconnectionAttempts", "reconnectionAttempts"],
    ["transport", "transports"],
    ["withCredential", "withCredentials"],
    ["extraHeader", "extraHeaders"],
    ["autoconnect", "autoConnect"],
    ["querry", "query"],
  ])("asks whether %s is %s, once (OPT-9)", (name, nearest) => {
    warnUnknownOptions({ [name]: 1 });
    warnUnknownOptions({ [name]: 2, path: "/m" });
    expect(warn.mock.calls).toEqual([[expect.stringContaining(`"${name}"`)]]);
    expect(warn.mock.calls[0]?.[0]).toContain(`"${nearest}"`);
  });

  it("says nothing of options that are like no other (OPT-10)", () => {
    warnUnknownOptions({ myOwnTransportThing: 1, zzz: 2, x: 3 });
    expect(warn).not.toHaveBeenCalled();
  });

  it.each([
    ["src/connection/options.ts", "ConnectionOptions"],
    ["src/manager/manager.ts", "ManagerOptions"],
    ["src/socket/socket-options.ts", "SocketOptions"],
    ["src/connection/channel-options.ts", "ChannelOptions"],
    ["src/pipeline/pipeline-host.ts", "PipelineOptions"],
    ["src/engine/options.ts", "EngineOptions"],
  ])("knows every option of %s, %s", (file, name) => {
    const body = new RegExp(`export interface ${name} [^]*?\\n}`).exec(read(file))?.[0] ?? "";
    const options = [...body.matchAll(/^ {2}(\w+)\??:/gm)].map(([, option = ""]) => option);
    expect(options.length).toBeGreaterThan(0);
    warnUnknownOptions(Object.fromEntries(options.map((option) => [option, 1])));
    expect(warn.mock.calls).toEqual([]);
  });

  it("goes by the names that it is given", () => {
    warnUnknownOptions({ colour: 1 }, ["colours"]);
    expect(warn).toHaveBeenCalledOnce();
  });
});

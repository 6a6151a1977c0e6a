import { afterEach, describe, expect, it, vi } from "vitest";
import { isOnline } from "../../../src/platform/browser.js";

afterEach(() => vi.unstubAllGlobals());

describe("isOnline", () => {
  it("is what the host says, when it says anything", () => {
    const answers = [{ onLine: true }, { onLine: false }, {}, undefined].map((navigator) => {
      vi.stubGlobal("navigator", navigator);
      return isOnline("a.test");
    });
    expect(answers).toEqual([true, false, true, true]);
  });

  it("is always true for this machine", () => {
    vi.stubGlobal("navigator", { onLine: false });
    expect([isOnline(), isOnline("localhost"), isOnline("::1"), isOnline("a.test")]).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });
});

import { beforeEach, describe, expect, it } from "vitest";
import { Progress } from "../../../src/shared/progress.js";

describe("The progress of a tab", () => {
  const at = (count: number) => ["pid", count, `offset ${count}`] as const;
  let entered: Set<string>;
  let progress: Progress;

  beforeEach(() => {
    entered = new Set(["/"]);
    progress = new Progress((nsp) => entered.has(nsp));
  });

  it("goes on when what was sent has been read", () => {
    progress.note([["/", at(1)]]);
    expect(progress.positions.size).toBe(0);
    progress.read();
    expect(progress.positions.get("/")).toEqual(at(1));
    progress.note([["/", at(2)]]);
    progress.ended();
    expect(progress.positions.get("/")).toEqual(at(2));
  });

  it("does not go on with what came for a namespace that was not entered then", () => {
    progress.note([["/", at(1)]]);
    progress.read();
    entered.clear();
    progress.note([["/", at(2)]]);
    progress.ended();
    entered.add("/");
    progress.read();
    expect(progress.positions.get("/")).toEqual(at(1));
  });

  it("ends where a namespace is left, and pays no heed to what is none", () => {
    progress.note([["/", at(1)]]);
    progress.read();
    progress.note([["/", 7]]);
    progress.read();
    expect(progress.positions.get("/")).toEqual(at(1));
    progress.note([["/", undefined]]);
    progress.read();
    expect(progress.positions.size).toBe(0);
    progress.note([["/", at(2)]]);
    progress.forget();
    progress.read();
    expect(progress.positions.size).toBe(0);
  });
});

import { afterEach, describe, expect, it, vi } from "vitest";
import { backoffDelay, type BackoffOptions } from "../../src/backoff.js";
import { seeded } from "../../src/test-kit/seeded.js";

afterEach(() => vi.restoreAllMocks());

function delays(options: BackoffOptions, count: number): number[] {
  return Array.from({ length: count }, (_, attempt) => backoffDelay(attempt, options));
}

describe("backoffDelay", () => {
  it("doubles from min to max (REC-1)", () => {
    expect(delays({ min: 100, max: 1000, jitter: 0 }, 6)).toEqual([100, 200, 400, 800, 1000, 1000]);
  });

  it.each([
    { name: "defaults", options: { min: 1000, max: 5000, jitter: 0.5 } },
    { name: "full jitter", options: { min: 1000, max: 5000, jitter: 1 } },
    { name: "jitter above 1", options: { min: 1000, max: 5000, jitter: 7 } },
    { name: "jitter below 0", options: { min: 1000, max: 5000, jitter: -1 } },
    { name: "max below min", options: { min: 1000, max: 20, jitter: 0.5 } },
    { name: "one millisecond", options: { min: 1, max: 1, jitter: 1 } },
    { name: "a max beyond what timers take", options: { min: 1000, max: 1e12, jitter: 0.5 } },
    { name: "an infinite max", options: { min: 1000, max: Infinity, jitter: 0.5 } },
    { name: "a huge min", options: { min: 2 ** 31, max: Infinity, jitter: 0.5 } },
  ])("stays in (0, max] for 5,000 attempts: $name (REC-2)", ({ options }) => {
    vi.spyOn(Math, "random").mockImplementation(seeded(1));
    const limit = Math.min(options.max, 2 ** 31 - 1);
    const wrong = delays(options, 5000).filter((delay) => !(delay > 0 && delay <= limit));
    expect(wrong).toEqual([]);
  });

  it("never falls below its share of the delay without jitter", () => {
    vi.spyOn(Math, "random").mockReturnValue(0);
    expect(delays({ min: 100, max: 1000, jitter: 0.5 }, 5)).toEqual([50, 100, 200, 400, 500]);
  });

  it("never goes beyond its share, nor beyond the longest delay (REC-2)", () => {
    vi.spyOn(Math, "random").mockReturnValue(1 - Number.EPSILON);
    expect(delays({ min: 100, max: 1000, jitter: 0.5 }, 5)).toEqual([150, 300, 600, 1000, 1000]);
  });

  it.each([
    { name: "min 0", options: { min: 0, max: 5000, jitter: 0.5 } },
    { name: "max 0", options: { min: 1000, max: 0, jitter: 0.5 } },
    { name: "both 0", options: { min: 0, max: 0, jitter: 0 } },
  ])("waits for nothing when asked to: $name (REC-4)", ({ options }) => {
    expect(new Set(delays(options, 100))).toEqual(new Set([0]));
  });

  it("spreads clients that have waited long (REC-3)", () => {
    vi.spyOn(Math, "random").mockImplementation(seeded(2));
    const options = { min: 1000, max: 5000, jitter: 0.5 };
    const draws = Array.from({ length: 10_000 }, () => backoffDelay(50, options));
    const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length;
    const variance = draws.reduce((sum, draw) => sum + (draw - mean) ** 2, 0) / draws.length;
    expect(Math.sqrt(variance) / mean).toBeGreaterThanOrEqual(0.15);
  });
});

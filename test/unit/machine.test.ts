import { describe, expect, it } from "vitest";
import { type Chart, Machine, type Table } from "../../src/machine.js";
import { pairs } from "../support/tables.js";

type Light = "red" | "green" | "broken";
type Change = "go" | "stop" | "crash";

const lights: Table<Light, Change> = {
  red: { go: "green", crash: "broken" },
  green: { stop: "red", crash: "broken" },
  broken: {},
};

/** Tells of the change into each state. */
function announcing<P, H>(
  tell: (next: Light, old: Light, event: Change, payload: P, host: H) => unknown,
): NonNullable<Chart<Light, Change, P, H>["announcements"]> {
  const of =
    (next: Light) =>
    (payload: P, host: H, old: Light, event: Change): void =>
      void tell(next, old, event, payload, host);
  return { red: of("red"), green: of("green"), broken: of("broken") };
}

describe("Machine", () => {
  it("starts in its initial state, without entering it", () => {
    const entered: string[] = [];
    const machine = new Machine(
      { table: lights, entries: { red: () => void entered.push("red") } },
      "red",
    );
    expect(machine.state).toBe("red");
    expect(entered).toEqual([]);
  });

  describe("on an event that the table lists", () => {
    it("leaves the old state, enters the new one and then tells of the change", () => {
      const log: string[] = [];
      const machine = new Machine<Light, Change, number>(
        {
          table: lights,
          entries: {
            green: (payload) => {
              log.push(`green entered with ${payload}, state ${machine.state}`);
              return () => log.push(`green left, state ${machine.state}`);
            },
            broken: () => void log.push("broken entered"),
          },
          announcements: announcing((next, old, event, payload) =>
            log.push(`${old} -${event}-> ${next} with ${payload}`),
          ),
        },
        "red",
      );
      expect(machine.send("go", 1)).toBe(true);
      expect(machine.send("crash", 2)).toBe(true);
      expect(log).toEqual([
        "green entered with 1, state green",
        "red -go-> green with 1",
        "green left, state green",
        "broken entered",
        "green -crash-> broken with 2",
      ]);
    });

    it("runs an exit once", () => {
      let exits = 0;
      const machine = new Machine<Light, Change>(
        { table: lights, entries: { green: () => () => exits++ } },
        "red",
      );
      machine.send("go");
      machine.send("stop");
      machine.send("crash");
      expect(exits).toBe(1);
    });
  });

  describe("on an event that the table doesn't list", () => {
    it("does nothing", () => {
      const log: string[] = [];
      const machine = new Machine<Light, Change>(
        {
          table: lights,
          entries: { green: () => void log.push("entered") },
          announcements: announcing(() => log.push("changed")),
        },
        "green",
      );
      expect(machine.send("go")).toBe(false);
      expect(machine.state).toBe("green");
      expect(log).toEqual([]);
    });
  });

  describe("sent to from inside an entry", () => {
    it("finishes the entry and tells of it first", () => {
      const log: string[] = [];
      const machine = new Machine<Light, Change>(
        {
          table: lights,
          entries: {
            green: () => {
              expect(machine.send("crash")).toBe(true);
              log.push(`still ${machine.state}`);
              return () => log.push("green left");
            },
          },
          announcements: announcing((next) => log.push(`now ${next}`)),
        },
        "red",
      );
      machine.send("go");
      expect(log).toEqual(["still green", "now green", "green left", "now broken"]);
      expect(machine.state).toBe("broken");
    });

    it("keeps the order of several events, and drops those that don't count any more", () => {
      const seen: string[] = [];
      const machine = new Machine<Light, Change>(
        {
          table: lights,
          entries: {
            green: () => {
              machine.send("stop");
              machine.send("stop");
              machine.send("crash");
            },
          },
          announcements: announcing((next) => seen.push(next)),
        },
        "red",
      );
      machine.send("go");
      expect(seen).toEqual(["green", "red", "broken"]);
    });
  });

  it("goes on after an entry that throws", () => {
    const seen: string[] = [];
    const machine = new Machine<Light, Change>(
      {
        table: lights,
        entries: {
          green: () => {
            throw new Error("entry");
          },
        },
        announcements: announcing((next) => seen.push(next)),
      },
      "red",
    );
    expect(() => machine.send("go")).toThrow("entry");
    expect(machine.state).toBe("green");
    machine.send("stop");
    expect(seen).toEqual(["red"]);
  });

  describe("sent to from inside an exit", () => {
    it("finishes the transition that is under way first", () => {
      const seen: string[] = [];
      const machine = new Machine<Light, Change>(
        {
          table: lights,
          entries: { green: () => () => machine.send("crash") },
          announcements: announcing((next) => seen.push(next)),
        },
        "red",
      );
      machine.send("go");
      machine.send("stop");
      expect(seen).toEqual(["green", "red", "broken"]);
    });
  });

  describe("with announcements", () => {
    it("runs that of the new state when the transition is complete", () => {
      const log: unknown[] = [];
      const machine: Machine<Light, Change, number, string> = new Machine<
        Light,
        Change,
        number,
        string
      >(
        {
          table: lights,
          entries: { green: () => void log.push("entered") },
          announcements: {
            green: (payload, host, old, event) =>
              log.push([machine.state, payload, host, old, event]),
          },
        },
        "red",
        "host",
      );
      machine.send("go", 1);
      machine.send("stop", 2);
      expect(log).toEqual(["entered", ["green", 1, "host", "red", "go"]]);
    });

    it("doesn't queue what is sent from there", () => {
      const log: string[] = [];
      const machine: Machine<Light, Change> = new Machine<Light, Change>(
        {
          table: lights,
          announcements: {
            green: () => {
              expect(machine.send("stop")).toBe(true);
              log.push(`green, now ${machine.state}`);
            },
            red: () => void log.push("red"),
          },
        },
        "red",
      );
      machine.send("go");
      expect(log).toEqual(["red", "green, now red"]);
    });

    it("tells of a state before what its entry sent is done", () => {
      const log: string[] = [];
      const machine: Machine<Light, Change> = new Machine<Light, Change>(
        {
          table: lights,
          entries: { green: () => void machine.send("crash") },
          announcements: { green: () => log.push("green"), broken: () => log.push("broken") },
        },
        "red",
      );
      machine.send("go");
      expect(log).toEqual(["green", "broken"]);
    });
  });

  it("hands its host to entries, exits and listeners: a chart is shared by all of a kind", () => {
    const chart: Chart<Light, Change, void, string[]> = {
      table: lights,
      entries: {
        green: (_, log) => {
          log.push("entered");
          return (host) => void host.push("left");
        },
      },
      announcements: announcing((next, _old, _event, _, log) => void log.push(next)),
    };
    const logs: string[][] = [[], []];
    const machines = logs.map((log) => new Machine(chart, "red", log));
    machines[1]?.send("go");
    machines[1]?.send("stop");
    expect(logs).toEqual([[], ["entered", "green", "left", "red"]]);
  });

  describe("sent to while it tells of a change", () => {
    it("is in the new state already", () => {
      const seen: string[] = [];
      const machine = new Machine<Light, Change>(
        {
          table: lights,
          announcements: announcing((next) => {
            seen.push(next);
            if (next === "green") machine.send("stop");
          }),
        },
        "red",
      );
      machine.send("go");
      expect(seen).toEqual(["green", "red"]);
    });
  });
});

describe.each(pairs)("The $name in state $state, on $event", (pair) => {
  const { rows, initial, way, state, event } = pair;
  const expected = rows[state]?.[event];

  it(`${expected ? `goes to ${expected}` : "stays"}, and undoes a state exactly when it is left (STA-9)`, () => {
    const held = new Set<string>();
    const entry = (name: string) => () => {
      held.add(name);
      return () => void held.delete(name);
    };
    const entries = Object.fromEntries(Object.keys(rows).map((name) => [name, entry(name)]));
    const machine = new Machine<string, string>({ table: rows, entries }, initial);
    for (const step of way) machine.send(step);
    expect(machine.state).toBe(state);
    expect(machine.send(event)).toBe(expected !== undefined);
    expect(machine.state).toBe(expected ?? state);
    expect([...held]).toEqual(way.length || expected ? [machine.state] : []);
  });
});

import { describe, expectTypeOf, it } from "vitest";
import { io, type ManagerState } from "../../src/index.js";
import { defineInspector, type InspectorElement } from "../../src/inspector/index.js";
import {
  type Entry,
  record,
  type Recording,
  type Report,
  type statesOf,
} from "../../src/recorder/index.js";

describe("record", () => {
  it("takes a socket or a manager", () => {
    expectTypeOf(record(io())).toEqualTypeOf<Recording>();
    expectTypeOf(record(io().io, { bytes: 1024 }).report()).toEqualTypeOf<Report>();
    // @ts-expect-error an address is not recorded
    record("http://types.test");
    // @ts-expect-error a name is a text
    record(io(), { redact: () => 5 });
  });

  it("gives entries that are told apart by their kind", () => {
    const of = (entry: Entry): unknown => {
      if (entry.kind === "in") return expectTypeOf(entry.bytes).toEqualTypeOf<number>();
      if (entry.kind === "state") return expectTypeOf(entry.why).toEqualTypeOf<string>();
      // @ts-expect-error notes have no size
      return entry.bytes;
    };
    expectTypeOf(of).toBeFunction();
  });

  it("gives states by machine", () => {
    const states = {} as ReturnType<typeof statesOf>;
    expectTypeOf(states.connection.start).toEqualTypeOf<ManagerState>();
  });
});

describe("<tautline-inspector>", () => {
  it("has a recording", () => {
    expectTypeOf(defineInspector()).toEqualTypeOf<void>();
    expectTypeOf<InspectorElement["recording"]>().toEqualTypeOf<Recording | undefined>();
    expectTypeOf<HTMLElementTagNameMap["tautline-inspector"]>().toEqualTypeOf<InspectorElement>();
  });
});

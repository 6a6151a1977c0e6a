/** A network with faults. */
export interface Fragile {
  cut(): void;
  halfOpen(): void;
  blockWebSocket(how: "refuse" | "hang"): void;
  restart(options: { downFor: number }): void;
  offline(): void;
  online(): void;
  freeze(ms: number): void;
  stall(ms: number, direction: "up" | "down"): void;
  latency(ms: number): void;
  setClock(byMs: number): void;
  later(ms: number, task: () => void): void;
}

/** A fault at a moment of a run. */
export type Fault =
  | { readonly at: number; readonly kind: "cut" | "half-open" | "no-websocket" | "hang-websocket" }
  | {
      readonly at: number;
      readonly kind: "restart" | "offline" | "freeze" | "stall-up" | "stall-down";
      /** Milliseconds. */
      readonly ms: number;
    }
  | { readonly at: number; readonly kind: "latency" | "clock"; readonly ms: number };

export type FaultKind = Fault["kind"];

/** The kinds, and the longest duration of each in milliseconds; 0: it has no duration. */
export const KINDS: { readonly [kind in FaultKind]: number } = {
  cut: 0,
  "half-open": 0,
  "no-websocket": 0,
  "hang-websocket": 0,
  restart: 3000,
  offline: 10_000,
  freeze: 60_000,
  "stall-up": 5000,
  "stall-down": 5000,
  latency: 500,
  clock: 3_600_000,
};

/** Draws the faults of a run. */
export function drawFaults(
  random: () => number,
  kinds: readonly FaultKind[],
  most: number,
  duration: number,
): Fault[] {
  const count = Math.floor(random() * (most + 1));
  return Array.from({ length: count }, () => {
    const kind = kinds[Math.floor(random() * kinds.length)] as FaultKind;
    const at = Math.floor(random() * duration);
    const longest = KINDS[kind];
    const ms = Math.floor(random() * longest) * (kind === "clock" && random() < 0.5 ? -1 : 1);
    return (longest ? { at, kind, ms } : { at, kind }) as Fault;
  }).sort((a, b) => a.at - b.at);
}

/** Applies a fault now. */
export function strike(net: Fragile, fault: Fault): void {
  switch (fault.kind) {
    case "cut":
      return net.cut();
    case "half-open":
      return net.halfOpen();
    case "no-websocket":
      return net.blockWebSocket("refuse");
    case "hang-websocket":
      return net.blockWebSocket("hang");
    case "restart":
      return net.restart({ downFor: fault.ms });
    case "offline":
      net.offline();
      return net.later(fault.ms, () => net.online());
    case "freeze":
      return net.freeze(fault.ms);
    case "stall-up":
      return net.stall(fault.ms, "up");
    case "stall-down":
      return net.stall(fault.ms, "down");
    case "latency":
      return net.latency(fault.ms);
    case "clock":
      return net.setClock(fault.ms);
  }
}

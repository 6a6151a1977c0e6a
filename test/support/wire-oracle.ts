/**
 * Which frames an open session may get, written down a second time, from the protocol's documents and with other
 * means than src/protocol. To extend: add the rule here and a seed that breaks it in frame-source.ts.
 */
const HEAD = /^([0-4]|[56]\d+-)(?:(\/[^,]*)(?:,|$)|,)?(\d*)([^]*)$/;

const RESERVED = [
  "connect",
  "connect_error",
  "disconnect",
  "disconnecting",
  "newListener",
  "removeListener",
];

export class WireOracle {
  #pending: { data: unknown; due: number; count: number } | undefined;

  /** The connection is a new one. */
  reset(): void {
    this.#pending = undefined;
  }

  accepts(frame: string | ArrayBuffer): boolean {
    const accepted = typeof frame === "string" ? this.#text(frame) : this.#binary();
    if (!accepted) this.reset();
    return accepted;
  }

  #text(frame: string): boolean {
    if (/^[12356]/.test(frame)) return true;
    if (frame.startsWith("b")) return isBase64(frame.slice(1)) && this.#binary();
    return frame.startsWith("4") && !this.#pending && this.#packet(frame.slice(1));
  }

  #packet(text: string): boolean {
    const [, head = "", , , json = ""] = HEAD.exec(text) ?? [];
    if (!head) return false;
    const type = Number(head[0]);
    const data = json === "" ? undefined : parse(json);
    if (data instanceof SyntaxError || !isLegal(type, data)) return false;
    if (type < 5) return true;
    const count = Number(head.slice(1, -1));
    if (!(count >= 1 && count <= 10)) return false;
    this.#pending = { data, due: count, count };
    return true;
  }

  #binary(): boolean {
    const pending = this.#pending;
    if (!pending) return false;
    if (--pending.due > 0) return true;
    this.#pending = undefined;
    return placeholders(pending.data).every(
      (num) => Number.isInteger(num) && (num as number) >= 0 && (num as number) < pending.count,
    );
  }
}

function isLegal(type: number, data: unknown): boolean {
  const isRecord = Object.prototype.toString.call(data) === "[object Object]";
  if (type === 0) return data === undefined || isRecord;
  if (type === 1) return data === undefined;
  if (type === 4) return typeof data === "string" || isRecord;
  if (!Array.isArray(data)) return false;
  if (type === 3 || type === 6) return true;
  const name: unknown = data[0];
  return typeof name === "number" || (typeof name === "string" && !RESERVED.includes(name));
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    return error;
  }
}

function placeholders(value: unknown): unknown[] {
  if (typeof value !== "object" || value === null) return [];
  if ((value as { _placeholder?: unknown })._placeholder === true)
    return [(value as { num?: unknown }).num];
  return Object.values(value).flatMap(placeholders);
}

function isBase64(text: string): boolean {
  try {
    atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return true;
  } catch {
    return false;
  }
}

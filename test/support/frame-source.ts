/**
 * An endless row of frames, good and bad, the same for the same seed. To extend: add a packet to `seeds`; it will
 * also be mutated.
 */
import { seeded } from "../../src/test-kit/seeded.js";

const seeds = [
  "2",
  "3",
  "6",
  '42["chat","hello"]',
  '4212["chat",{"deep":[1,2,{"a":null}]}]',
  '42/admin,["chat"]',
  '430["answer",1]',
  "43/admin,7[]",
  '42["__proto__",{"__proto__":{"polluted":true},"constructor":{"prototype":1}}]',
  '42["constructor"]',
  '42["toString",1]',
  '42/__proto__,["hasOwnProperty"]',
  "42[5,6]",
  '40{"sid":"again"}',
  "40",
  '44/admin,{"message":"no"}',
  '42["connect"]',
  '42["disconnect","io server disconnect"]',
  '42["connect_error",{"message":"boo"}]',
  '42["newListener",1]',
  '0{"sid":"other","upgrades":[],"pingInterval":1,"pingTimeout":1}',
  '451-["file",{"_placeholder":true,"num":0}]',
  '452-/admin,3["file",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]',
  '461-1[{"_placeholder":true,"num":0}]',
  '451-["file",{"_placeholder":true,"num":9}]',
  "bAQIDBA==",
];

const noise = '0123456789[]{}",:-/\\bx_ é\u{1F600}\u0000\ud800\u2028true null';

export class FrameSource {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seeded(seed);
  }

  next(): string | ArrayBuffer {
    const kind = this.#below(100);
    if (kind < 10)
      return Uint8Array.from({ length: this.#below(30) }, () => this.#below(256)).buffer;
    if (kind < 30) return this.#noise(this.#below(30));
    if (kind < 35) return "4" + this.#noise(this.#below(200));
    const seed = seeds[this.#below(seeds.length)] as string;
    if (kind < 60) return seed;
    let frame = seed;
    for (let times = 1 + this.#below(3); times > 0; times--) frame = this.#mutated(frame);
    return frame;
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #noise(length: number): string {
    let text = "";
    for (let i = 0; i < length; i++) text += noise[this.#below(noise.length)];
    return text;
  }

  #mutated(frame: string): string {
    const at = this.#below(frame.length + 1);
    const end = at + this.#below(6);
    switch (this.#below(6)) {
      case 0:
        return frame.slice(0, at);
      case 1:
        return frame.slice(0, at) + this.#noise(1) + frame.slice(at);
      case 2:
        return frame.slice(0, at) + this.#noise(1) + frame.slice(at + 1);
      case 3:
        return frame.slice(0, at) + frame.slice(end);
      case 4:
        return frame.slice(0, end) + frame.slice(at);
      default:
        return frame.slice(0, at) + (seeds[this.#below(seeds.length)] as string).slice(at);
    }
  }
}

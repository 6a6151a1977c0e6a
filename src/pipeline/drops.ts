import { call, type TautlineError } from "../errors.js";
import type { Packet } from "./packet.js";

type Drop = [error: TautlineError, packet: Packet, generation: number];

/** Tells the app of dropped packets: of one after the other, whatever its listeners do. */
export class Drops {
  private readonly _tell: (error: TautlineError, packet: Packet) => void;
  private readonly _waiting: Drop[] = [];
  private _generation: number | undefined;

  constructor(tell: (error: TautlineError, packet: Packet) => void) {
    this._tell = tell;
  }

  /**
   * Of a packet that is emitted now: how many listeners of drops stand behind it, one inside the other. 0 where none does.
   */
  get generation(): number {
    return this._generation === undefined ? 0 : this._generation + 1;
  }

  /** @param generation - of the packet */
  tell(error: TautlineError, packet: Packet, generation = 0): void {
    this._waiting.push([error, packet, generation]);
    if (this._generation !== undefined) return;
    for (const drop of this._waiting) {
      this._generation = drop[2];
      call(() => this._tell(drop[0], drop[1]), undefined, []);
    }
    this._waiting.length = 0;
    this._generation = undefined;
  }
}

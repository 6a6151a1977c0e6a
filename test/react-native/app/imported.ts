// TypeScript, and all that an app or its libraries can write. It is bundled and not run.
import io, { type Socket } from "tautline";
import { atLeastOnce } from "tautline/delivery";
import * as full from "tautline/full";
import { reactNativeSignals } from "tautline/react-native";

export { stats } from "tautline/stats";

const socket: Socket = io("https://example.com", {
  delivery: atLeastOnce(),
  network: reactNativeSignals({}),
});

export const app = [socket, full, import("tautline/reading")];

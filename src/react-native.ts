/** What React Native apps need besides `tautline` itself. */
export { reactNativeSignals } from "./platform/react-native.js";
export type { AppStateLike, NetInfoLike, NetInfoStateLike } from "./platform/react-native.js";
export type { NetworkEvent, NetworkSignals } from "./platform/platform.js";

import type { AnySocket, SocketState } from "../adapters/socket-state.js";
import type { SocketLike } from "../reading/waiting.js";
import { storeOf, UNKNOWN } from "./socket-store.js";
import { useTracked } from "./use-tracked.js";

/**
 * What a socket and its connection are doing. A component is rendered again only for what it has read of it.
 *
 * @example const { state, delay } = useSocketState(socket);
 */
export function useSocketState(socket: SocketLike | null | undefined): Readonly<SocketState> {
  return useTracked(socket && storeOf(socket as unknown as AnySocket), UNKNOWN, {});
}

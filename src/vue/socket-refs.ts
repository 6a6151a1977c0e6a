import { computed, type Ref, type ShallowRef, watch } from "vue";
import { listen } from "../adapters/listen.js";
import { type AnySocket, type SocketState, UNKNOWN_STATE } from "../adapters/socket-state.js";
import type { TautlineError } from "../errors.js";
import { isServer } from "../platform/browser.js";
import type { Cancel } from "../platform/platform.js";
import { useOutside } from "./use-outside.js";

type Name = Exclude<keyof SocketState, "rtt">;

/** What a socket and its connection are doing, as refs. */
export type SocketRefs = {
  readonly [N in Name]: Readonly<ShallowRef<SocketState[N]>>;
};

/** Follows the socket that is in `instance`. */
export function useSocketRefs(instance: Ref<AnySocket | undefined>): SocketRefs {
  const [known, set] = useOutside(UNKNOWN_STATE);
  if (!isServer())
    watch(
      instance,
      (socket, _before, onCleanup) => {
        if (socket) onCleanup(follow(socket, set));
        else set(UNKNOWN_STATE);
      },
      { immediate: true, flush: "sync" },
    );
  const refs: Partial<Record<Name, unknown>> = {};
  for (const name in UNKNOWN_STATE) refs[name as Name] = computed(() => known.value[name as Name]);
  return refs as SocketRefs;
}

function follow(socket: AnySocket, set: (state: SocketState) => void): Cancel {
  const { io } = socket;
  let state = UNKNOWN_STATE;
  let stopEngine: Cancel | undefined;
  const look = (news?: Partial<SocketState>): void => {
    state = {
      ...state,
      ...news,
      isConnected: socket.connected,
      state: io.state,
      transport: io.state === "open" ? io.engine?.transport.name : undefined,
    };
    set(state);
  };
  /** A session may move to another transport. */
  const watchEngine = (): void => {
    stopEngine?.();
    stopEngine = io.engine && listen(io.engine, "upgrade", () => look());
  };
  watchEngine();
  look();
  const stops = [
    listen(socket, "connect", () => look({ error: undefined })),
    listen(socket, "connect_error", (error: TautlineError) => look({ error })),
    listen(socket, "disconnect", () => look()),
    listen(io, "state", (_state, _old, _why, attempt?: number, delay?: number) => {
      watchEngine();
      look({ attempt, delay });
    }),
  ];
  return () => {
    for (const stop of stops) stop();
    stopEngine?.();
  };
}

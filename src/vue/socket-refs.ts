import { computed, type Ref, type ShallowRef, shallowRef, watch } from "vue";
import { listen } from "../adapters/listen.js";
import { type AnySocket, type SocketState, UNKNOWN_STATE } from "../adapters/socket-state.js";
import type { TautlineError } from "../errors.js";
import type { Cancel } from "../platform/platform.js";
import { whenShown } from "./when-shown.js";

type Name = Exclude<keyof SocketState, "rtt">;

/** What a socket and its connection are doing, as refs. */
export type SocketRefs = {
  readonly [N in Name]: Readonly<ShallowRef<SocketState[N]>>;
};

/** Follows the socket that is in `instance`. */
export function useSocketRefs(instance: Ref<AnySocket | undefined>): SocketRefs {
  const known = shallowRef(UNKNOWN_STATE);
  whenShown(() =>
    watch(
      instance,
      (socket, _before, onCleanup) => {
        known.value = UNKNOWN_STATE;
        if (socket) onCleanup(follow(socket, known));
      },
      { immediate: true, flush: "sync" },
    ),
  );
  // computed: Pinia takes a plain ref for state, which it hands from the server to the browser
  const refs: Partial<Record<Name, unknown>> = {};
  for (const name in UNKNOWN_STATE) refs[name as Name] = computed(() => known.value[name as Name]);
  return refs as SocketRefs;
}

function follow(socket: AnySocket, known: ShallowRef<SocketState>): Cancel {
  const { io } = socket;
  // no ref is read here: this may run within an effect of the app
  let state = UNKNOWN_STATE;
  let stopEngine: Cancel | undefined;
  const look = (news?: Partial<SocketState>): void => {
    known.value = state = {
      ...state,
      ...(socket.connected && { error: undefined }),
      ...news,
      isConnected: socket.connected,
      state: io.state,
      transport: io.state === "open" ? io.engine?.transport.name : undefined,
    };
  };
  /** A session may move to another transport. */
  const watchEngine = (): void => {
    stopEngine?.();
    stopEngine = io.engine && listen(io.engine, "upgrade", () => look());
  };
  watchEngine();
  look();
  const stops = [
    ...["connect", "disconnect"].map((name) => listen(socket, name, () => look())),
    listen(socket, "connect_error", (error: TautlineError) => look({ error })),
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

import type { Cancel, NetworkEvent, NetworkSignals } from "./platform.js";

/** React Native's `AppState`, or anything of its shape. */
export interface AppStateLike {
  addEventListener(
    type: "change",
    listener: (state: string) => void,
  ): { remove(): void } | undefined | void;
}

/** The state of the network, as `@react-native-community/netinfo` tells it. */
export interface NetInfoStateLike {
  isConnected: boolean | null;
  /** "wifi", "cellular".. */
  type?: string;
  /** With the device's own `ipAddress`, where it is known: another one is another network. */
  details?: object | null;
}

/** `@react-native-community/netinfo`, or anything of its shape. */
export interface NetInfoLike {
  addEventListener(listener: (state: NetInfoStateLike) => void): Cancel;
}

/**
 * Network signals from what an app hands in; either may be left out.
 *
 * @example io(url, { network: reactNativeSignals({ AppState, NetInfo }) })
 */
export function reactNativeSignals(parts: {
  AppState?: AppStateLike;
  NetInfo?: NetInfoLike;
}): NetworkSignals {
  return {
    subscribe(listener: (event: NetworkEvent) => void): Cancel {
      let away = false;
      const app = parts.AppState?.addEventListener("change", (state) => {
        if (state === "background") away = true;
        else if (state === "active" && away) {
          away = false;
          listener("wake");
        }
      });
      let last: NetInfoStateLike | undefined;
      let address: unknown;
      const net = parts.NetInfo?.addEventListener((state) => {
        const before = last;
        const left = address;
        // null: not known yet
        if (state.isConnected === null) return;
        last = state;
        address = (state.details as { ipAddress?: unknown } | null | undefined)?.ipAddress;
        if (!before) {
          if (!state.isConnected) listener("offline");
        } else if (state.isConnected !== before.isConnected)
          listener(state.isConnected ? "online" : "offline");
        else if (
          state.isConnected &&
          (state.type !== before.type || (left && address && left !== address))
        )
          listener("networkchange");
      });
      return () => {
        if (app) app.remove();
        net?.();
      };
    },
  };
}

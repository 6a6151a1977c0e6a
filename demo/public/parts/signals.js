/*
 * What this page tells the client of its network, for the option `network`: what browsers tell, and one thing more, for a
 * button. The client takes "networkchange" for a network that is another one now: it forgets which transports failed, and tries the
 * better one at once.
 */
const listeners = new Set();
const tell = (event) => {
  for (const listener of [...listeners]) listener(event);
};

export const signals = {
  subscribe(listener) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

export function tryUpgradeNow() {
  tell("networkchange");
}

addEventListener("online", () => tell("online"));
addEventListener("offline", () => tell("offline"));
addEventListener("pagehide", ({ persisted }) => persisted && tell("sleep"));
addEventListener("pageshow", ({ persisted }) => persisted && tell("wake"));
document.addEventListener("visibilitychange", () => document.hidden || tell("wake"));

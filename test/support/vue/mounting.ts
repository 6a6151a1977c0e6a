/**
 * What tests of the composables share. A test file of them begins with `@vitest-environment jsdom`.
 *
 *   const { result, unmount } = mountWith(() => useSocket(url));
 *
 * To extend: what a test needs of an app (plugins, an error handler) is done by `prepare`.
 */
import { type App, createApp, defineComponent, h } from "vue";
import { onTestFinished } from "vitest";
import type { ServerOptions } from "socket.io";
import { serve } from "../harness.js";

export interface Mounted<T> {
  result: T;
  app: App;
  element: HTMLElement;
  unmount(): void;
}

/** Mounts a component; it is gone at the end of the test. */
export function mount(component: Parameters<typeof createApp>[0], prepare?: (app: App) => void) {
  const element = document.createElement("div");
  const app = createApp(component);
  prepare?.(app);
  app.mount(element);
  let isMounted = true;
  const unmount = (): void => {
    if (isMounted) app.unmount();
    isMounted = false;
  };
  onTestFinished(unmount);
  return { app, element, unmount };
}

/** Mounts a component that runs `setup`, and gives what that returned. */
export function mountWith<T>(setup: () => T, prepare?: (app: App) => void): Mounted<T> {
  let result!: T;
  const component = defineComponent(() => {
    result = setup();
    return () => h("p");
  });
  const mounted = mount(component, prepare);
  return { ...mounted, result };
}

/** A server that counts its clients and sends back what it gets; acks get the first argument. */
export async function echoServer(options: Partial<ServerOptions> = {}) {
  const server = await serve(options);
  const auths: unknown[] = [];
  server.io.on("connection", (socket) => {
    auths.push(socket.handshake.auth);
    socket.onAny((...args: [string, ...unknown[]]) => {
      const answer = args.at(-1);
      if (typeof answer === "function") answer(args[1]);
      else socket.emit(...args);
    });
  });
  return {
    ...server,
    auths,
    connections: () => auths.length,
    clients: () => server.io.engine.clientsCount,
  };
}

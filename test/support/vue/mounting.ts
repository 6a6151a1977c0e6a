/**
 * What tests of the composables share. A test file of them begins with `@vitest-environment jsdom`.
 *
 *   const { result, unmount } = mountWith(() => useSocket(url));
 *
 * To extend: what a test needs of an app (plugins, an error handler) is done by `prepare`.
 */
import { type App, createApp, defineComponent, h } from "vue";
import { onTestFinished } from "vitest";

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

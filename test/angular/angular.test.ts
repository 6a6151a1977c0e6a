import "@angular/compiler";
import {
  createEnvironmentInjector,
  type EnvironmentInjector,
  Injector,
  PLATFORM_ID,
  provideZonelessChangeDetection,
  runInInjectionContext,
} from "@angular/core";
import { describe, expect, it } from "vitest";
import { until } from "../support/harness.js";
import { echoServer } from "../support/adapter-servers.js";
import { injectSocket } from "./angular-socket.js";

/** The recipe names no transports: on a busy machine polling would join, and its session stay for a while. */
const server = () => echoServer({ transports: ["websocket"] });

function injectorFor(platform: string): EnvironmentInjector {
  return createEnvironmentInjector(
    [{ provide: PLATFORM_ID, useValue: platform }, provideZonelessChangeDetection()],
    Injector.NULL as EnvironmentInjector,
  );
}

describe("Angular: injectSocket", () => {
  it("gives signals, and disconnects with what it was injected into (FRW-4)", async () => {
    const far = await server();
    const injector = injectorFor("browser");
    const { socket, isConnected, price } = runInInjectionContext(injector, () => {
      const { lastOf, ...rest } = injectSocket(far.url);
      return { ...rest, price: lastOf<number>("price") };
    });
    expect([isConnected(), price()]).toEqual([false, undefined]);
    await until(() => isConnected());
    far.io.emit("price", 7);
    await until(() => price() === 7);
    injector.destroy();
    await until(() => far.clients() === 0);
    expect(socket.hasListeners("price") || socket.hasListeners("connect")).toBe(false);
  });

  it("goes on after a refusal (FRW-4)", async () => {
    const far = await server();
    let isOpen = false;
    far.io.use((_socket, next) => next(isOpen ? undefined : new Error("not you")));
    const injector = injectorFor("browser");
    const { socket, isConnected } = runInInjectionContext(injector, () => injectSocket(far.url));
    await new Promise((resolve) => socket.once("connect_error", resolve));
    expect([socket.active, isConnected()]).toEqual([false, false]);
    isOpen = true;
    socket.connect();
    await until(() => isConnected());
    injector.destroy();
    await until(() => far.clients() === 0);
  });

  it("opens nothing on a server (FRW-4)", () => {
    const { socket, isConnected } = runInInjectionContext(injectorFor("server"), () =>
      injectSocket("http://nowhere.test"),
    );
    expect([socket.active, isConnected()]).toEqual([false, false]);
  });
});

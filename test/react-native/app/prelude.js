/*
 * What React Native's C++ puts into the virtual machine before it runs a bundle: timers, native modules, a log. Behind
 * it stands support/device.ts, in another process. What that says is called here, line by line, between two turns of the
 * event loop; what is said here goes out by print().
 *
 * It is evaluated as it stands, so its syntax is what Hermes compiles.
 */
(function (global) {
  const write = global.print;
  const tell = (...message) => write(`\u0001${JSON.stringify(message)}`);

  global.global = global.window = global.self = global;
  global.__DEV__ = false;
  global.process = { env: { NODE_ENV: "production" } };
  global.RN$Bridgeless = true;
  global.nativeLoggingHook = (text, level) => tell("log", level, text);
  global.nativePerformanceNow = () => Date.now();

  const timers = new Map();
  let lastTimer = 0;
  const start = (kind, task, ms, args) => {
    timers.set(++lastTimer, { kind, run: () => task(...args) });
    tell("timer", lastTimer, Number(ms) || 0);
    return lastTimer;
  };
  const stop = (id) => {
    if (timers.delete(id)) tell("clear", id);
  };
  global.setTimeout = (task, ms, ...args) => start({}, task, ms, args);
  global.setInterval = (task, ms, ...args) => start({ every: ms }, task, ms, args);
  global.clearTimeout = global.clearInterval = stop;
  global.requestAnimationFrame = (task) => global.setTimeout(() => task(Date.now()), 16);
  global.cancelAnimationFrame = stop;

  /** Methods that give a promise, which the other process settles. */
  const asking = {
    FileReaderModule: ["readAsDataURL", "readAsText"],
    RNCNetInfo: ["getCurrentState"],
  };
  const asked = new Map();
  let lastAsked = 0;
  const ask = (module, method, args) =>
    new Promise((resolve, reject) => {
      asked.set(++lastAsked, { resolve, reject });
      tell("call", module, method, args, lastAsked);
    });
  const far = (name, constants) =>
    new Proxy(
      {
        getConstants: () => constants,
        // answers by a function, not by a promise
        getCurrentAppState: (done) => ask(name, "getCurrentAppState", []).then(done),
      },
      {
        get: (own, method) =>
          own[method] ??
          ((...args) =>
            asking[name]?.includes(method)
              ? ask(name, method, args)
              : tell("call", name, method, args)),
      },
    );
  const modules = {
    AppState: far("AppState", { initialAppState: "active" }),
    BlobModule: far("BlobModule", { BLOB_URI_SCHEME: "content", BLOB_URI_HOST: "blobs" }),
    DeviceInfo: far("DeviceInfo", { Dimensions: { windowPhysicalPixels: {} } }),
    ExceptionsManager: far("ExceptionsManager", {}),
    FileReaderModule: far("FileReaderModule", {}),
    NativeMicrotasksCxx: { queueMicrotask: (task) => void Promise.resolve().then(task) },
    // every flag has its default
    NativeReactNativeFeatureFlagsCxx: new Proxy({}, { get: () => () => undefined }),
    Networking: far("Networking", {}),
    PlatformConstants: far("PlatformConstants", { Version: 35, reactNativeVersion: {} }),
    RNCNetInfo: far("RNCNetInfo", {}),
    SourceCode: far("SourceCode", { scriptURL: "" }),
    WebSocketModule: far("WebSocketModule", {}),
  };
  global.nativeModuleProxy = modules;

  const callable = new Map();
  global.RN$registerCallableModule = (name, factory) => callable.set(name, factory);

  global.host = {
    tell,
    fire(id) {
      const timer = timers.get(id);
      if (!timer) return;
      if (timer.kind.every === undefined) timers.delete(id);
      else tell("timer", id, timer.kind.every);
      timer.run();
    },
    settle(id, value, error) {
      const { resolve, reject } = asked.get(id);
      asked.delete(id);
      if (error) reject(new Error(error));
      else resolve(value);
    },
    emit(event, ...args) {
      callable
        .get("RCTDeviceEventEmitter")()
        .emit(event, ...args);
    },
  };
})(globalThis);

/*
 * The app: React Native's set-up, then what a test asks for by name. A scenario gets what the test gives it, tells what
 * happens on the way, and its result goes back.
 */
import "react-native/Libraries/Core/InitializeCore";
import { scenarios } from "./scenarios.js";

const { host } = globalThis;

host.run = (id, name, args) => {
  const tell = (event, ...data) => host.tell("event", event, ...data);
  new Promise((resolve) => resolve(scenarios[name](tell, ...args))).then(
    (result) => host.tell("result", id, result),
    (error) => host.tell("result", id, undefined, String(error?.stack ?? error)),
  );
};

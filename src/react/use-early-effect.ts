import { useEffect, useLayoutEffect } from "react";
import { isServer } from "../platform/browser.js";

/**
 * Before the effects of what is below, which may emit: children's effects run first. React 18 complains of layout effects on
 * a server.
 */
export const useEarlyEffect: typeof useEffect = (effect, deps) =>
  // which one does not change from render to render
  (isServer() ? useEffect : useLayoutEffect)(effect, deps);

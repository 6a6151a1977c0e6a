import { useEffect, useLayoutEffect } from "react";
import { isServer } from "../platform/browser.js";

/**
 * Runs before the effects of children, which may emit and otherwise run first. React 18 warns of layout effects on a
 * server.
 */
export const useEarlyEffect: typeof useEffect = (effect, deps) =>
  // which one does not change from render to render
  (isServer() ? useEffect : useLayoutEffect)(effect, deps);

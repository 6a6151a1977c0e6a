import { useInsertionEffect, useState, useSyncExternalStore } from "react";
import type { Cancel } from "../platform/platform.js";
import type { Store } from "./store.js";

const never = (): Cancel => () => {};

/**
 * Reads a store, and renders again only when something changed that the component has read.
 *
 * @param unknown - what counts without a store, on a server, and until a page that a server rendered is taken over
 * @param view - gets a getter for each name of `unknown`
 */
export function useTracked<S extends object, V extends object>(
  store: Store<S> | null | undefined,
  unknown: S,
  view: V,
): V & Readonly<S> {
  const now = (): S => store?.snapshot ?? unknown;
  const [track] = useState(() => ({ read: new Set<keyof S & string>(), shown: now() }));
  const { read } = track;
  const render = { isOver: false };
  // what is read later, by a handler for one, is read as it is then
  useInsertionEffect(() => {
    render.isOver = true;
  });
  const shown = useSyncExternalStore(
    store ? store.subscribe : never,
    () => {
      const next = now();
      for (const name of read) if (next[name] !== track.shown[name]) track.shown = next;
      return track.shown;
    },
    () => unknown,
  );
  for (const name in unknown) {
    const get = (): unknown => {
      // it was not checked for changes until now
      const isNew = !read.has(name) && shown !== unknown;
      read.add(name);
      store?.wanted.add(name);
      return (isNew || render.isOver ? now() : shown)[name];
    };
    Object.defineProperty(view, name, { get, enumerable: true });
  }
  return view as V & S;
}

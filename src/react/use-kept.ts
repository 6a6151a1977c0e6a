import { useState } from "react";

/** `useMemo` for what must not be made twice: hot reloading (Fast Refresh) keeps states, and forgets memos. */
export function useKept<T>(make: () => T, deps: readonly unknown[]): T {
  const [kept, keep] = useState(() => ({ deps, value: make() }));
  if (deps.every((dep, at) => Object.is(dep, kept.deps[at]))) return kept.value;
  const next = { deps, value: make() };
  keep(next);
  return next.value;
}

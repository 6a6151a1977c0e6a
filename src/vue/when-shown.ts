import { getCurrentInstance, getCurrentScope, onMounted } from "vue";
import { isServer } from "../platform/browser.js";

/**
 * Begins to show what goes on outside: never on a server, and in a component that takes over what a server has rendered only
 * once it has found that.
 */
export function whenShown(begin: () => void): void {
  if (isServer()) return;
  // a store's scope outlives the component
  const scope = getCurrentScope();
  if (getCurrentInstance()?.vnode.el) onMounted(() => scope?.run(begin));
  else begin();
}

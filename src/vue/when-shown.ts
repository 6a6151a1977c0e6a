import { getCurrentInstance, getCurrentScope, onMounted } from "vue";
import { isServer } from "../platform/browser.js";

/**
 * Starts to follow outside state: never on a server, and in a component that hydrates rendered markup only after that.
 */
export function whenShown(begin: () => void): void {
  if (isServer()) return;
  // a store's scope outlives the component
  const scope = getCurrentScope();
  if (getCurrentInstance()?.vnode.el) onMounted(() => scope?.run(begin));
  else begin();
}

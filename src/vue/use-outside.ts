import { getCurrentInstance, onMounted, type ShallowRef, shallowRef } from "vue";

/**
 * A ref of what goes on outside. While a component takes over what a server has rendered, it shows what the server knew:
 * `unknown`.
 *
 * @returns the ref, and what sets it
 */
export function useOutside<T>(unknown: T): [ShallowRef<T>, (value: T) => void] {
  const shown = shallowRef(unknown) as ShallowRef<T>;
  let latest = unknown;
  let isHydrating = !!getCurrentInstance()?.vnode.el;
  if (isHydrating)
    onMounted(() => {
      isHydrating = false;
      shown.value = latest;
    });
  return [
    shown,
    (value) => {
      latest = value;
      if (!isHydrating) shown.value = value;
    },
  ];
}

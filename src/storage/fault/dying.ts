import type { Store } from "../store.ts";

/** The store as a process has it that dies before its `step`-th change (from 1): nothing it does afterwards arrives. */
export function dyingStore(
  store: Store,
  step: number,
): { readonly store: Store; readonly died: () => boolean } {
  let steps = 0;
  const changing: readonly (string | symbol)[] = ["put", "delete", "adopt"];
  const proxy = new Proxy(store, {
    get: (target, key) => {
      const own = target[key as keyof Store];
      if (typeof own !== "function") return own;
      if (!changing.includes(key)) return own.bind(target);
      return async (...args: unknown[]) => {
        if (++steps >= step) throw new Error("the process is dead");
        return await (own as (...all: unknown[]) => Promise<unknown>).apply(target, args);
      };
    },
  });
  return { store: proxy, died: () => steps >= step };
}

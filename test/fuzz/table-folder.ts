import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Store } from "../../src/storage/index.ts";

/** Every file below a folder, by its path in it. */
export async function filesIn(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** The store; every key that it is asked for is put into `asked`. */
export function watched(store: Store, asked: Set<string>): Store {
  return new Proxy(store, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property);
      if (typeof value !== "function") return value;
      return (...args: unknown[]): unknown => {
        if (property !== "list") asked.add(String(args[0]));
        return (value as (...given: unknown[]) => unknown).apply(target, args);
      };
    },
  });
}

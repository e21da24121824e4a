import type { Store } from "../../src/storage/index.ts";

/**
 * The store, until its `step`-th change (put, delete, a folder asked for to stage files in, a file adopted; from 1): just before
 * that one the process kills itself, as a power cut would. `onStep` is told of each that is reached.
 */
export function killingStore(store: Store, step: number, onStep: () => void): Store {
  let reached = 0;
  const change = (): void => {
    onStep();
    if (++reached === step) process.kill(process.pid, "SIGKILL");
  };
  return {
    url: store.url,
    get: (key, range) => store.get(key, range),
    head: (key) => store.head(key),
    list: (prefix, options) => store.list(prefix, options),
    put(key, body, condition) {
      change();
      return store.put(key, body, condition);
    },
    delete(key) {
      change();
      return store.delete(key);
    },
    locate: (key) => store.locate(key),
    ...(store.remote === undefined ? {} : { remote: store.remote }),
    stagingFolder() {
      change();
      return store.stagingFolder();
    },
    adopt(localPath, key) {
      change();
      return store.adopt(localPath, key);
    },
  };
}

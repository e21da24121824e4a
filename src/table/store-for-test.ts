import { FaultyStore, type Fault, type Store, openStore, seeded } from "../storage/index.ts";

/**
 * The store that tests of what writes use. With `ONECOPY_TEST_FAULTS=<seed>` it is one whose outcomes are in doubt at
 * random, the same for the same seed: puts that say nothing of whether they happened, happen late, or twice, and calls
 * that take longer. A writer has to settle all of these by itself, so every test holds all the same.
 */
export function storeForTest(address: string): Store {
  const store = openStore(address);
  const seed = process.env["ONECOPY_TEST_FAULTS"];
  if (seed === undefined) return store;
  const plan = seeded(Number(seed), 0.3);
  return new FaultyStore(store, (call) => {
    const fault = plan(call);
    return fault !== undefined && isSettledByWriters(fault) ? fault : undefined;
  });
}

/** When nothing is under way any more that could arrive late. */
export async function settled(store: Store): Promise<void> {
  if (store instanceof FaultyStore) await store.settled();
}

/** The rest, a store that refuses, is what a writer passes on to its caller: test/model/faults.test.ts. */
function isSettledByWriters({ kind }: Fault): boolean {
  return kind !== "fail-before" && kind !== "fail-after";
}

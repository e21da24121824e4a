import type { GetOutcome, HeadOutcome, ObjectEntry, Store } from "../../src/storage/index.ts";

/** Adds `times` to the number in an object, by reading it and putting the next one if nobody was faster. */
export async function increment(store: Store, key: string, times: number): Promise<void> {
  for (let done = 0; done < times;) {
    const got = await store.get(key);
    const next = Number(Buffer.from(bodyOf(got)).toString()) + 1;
    const put = await store.put(key, String(next), { ifMatch: entryOf(got).etag });
    if (put.kind === "written") done += 1;
  }
}

export async function keys(store: Store, prefix: string, startAfter?: string): Promise<string[]> {
  return (await entriesOf(store, prefix, startAfter)).map(({ key }) => key);
}

export async function entriesOf(store: Store, prefix: string, startAfter?: string): Promise<ObjectEntry[]> {
  const found: ObjectEntry[] = [];
  for await (const entry of store.list(prefix, startAfter === undefined ? {} : { startAfter }))
    found.push(entry);
  return found;
}

export function entryOf(outcome: GetOutcome | HeadOutcome): ObjectEntry {
  if (outcome.kind === "absent") throw new Error("expected an object, found none");
  return outcome.entry;
}

export function bodyOf(outcome: GetOutcome): Uint8Array {
  if (outcome.kind === "absent") throw new Error("expected an object, found none");
  return outcome.body;
}

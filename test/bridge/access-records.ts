import type { AccessRecord } from "../../src/access/index.ts";
import type { Store } from "../../src/storage/index.ts";

/** What the log of accesses in a lake says, as far as it is not taken away; of a writer in order. */
export async function accessRecords(lake: Store): Promise<AccessRecord[]> {
  const records: AccessRecord[] = [];
  for await (const { key } of lake.list("_access/")) {
    const found = await lake.get(key);
    if (found.kind === "found")
      for (const line of Buffer.from(found.body).toString().split("\n"))
        if (line !== "") records.push(JSON.parse(line) as AccessRecord);
  }
  return records;
}

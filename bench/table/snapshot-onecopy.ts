import { openStore } from "../../src/storage/index.ts";
import { readDeltaSnapshot } from "../../src/table/index.ts";

/* One listing by OneCopy, in a process of its own; see snapshot.ts. */
const store = openStore(process.argv[2]!);
const started = performance.now();
const snapshot = await readDeltaSnapshot(store, "t");
let [files, sizeBytes, statistics] = [0, 0, 0];
for (const file of snapshot.files) {
  files += 1;
  sizeBytes += file.sizeBytes;
  statistics += file.stats?.length ?? 0;
}
const seconds = (performance.now() - started) / 1000;
if (statistics === 0) throw new Error("no statistics were read");
console.log(JSON.stringify({ seconds, files, sizeBytes, peakMb: process.resourceUsage().maxRSS / 1024 }));

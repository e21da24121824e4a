/**
 * Makes labelled files: `npx tsx bench/identity/generate.ts KIND [RECORDS] --out FOLDER [--seed 1]` writes `<source>.csv` for each
 * source, `truth.csv(source,id,person)`, and `why.csv`, which says what makes each record hard.
 */
import { parseArgs } from "node:util";
import { kinds } from "./kinds.ts";

const { values, positionals } = parseArgs({
  options: { seed: { type: "string", default: "1" }, out: { type: "string" } },
  allowPositionals: true,
});
const [name = "", records] = positionals;
const kind = kinds[name];
if (kind === undefined || values.out === undefined)
  throw new Error(`Expected KIND [RECORDS] --out FOLDER, and KIND one of ${Object.keys(kinds).join(", ")}.`);
await kind.write(values.out, Number(records ?? kind.size), Number(values.seed));

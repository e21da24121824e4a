/**
 * Measures accuracy and time on the generated data sets, and on the public ones, from the folder that ONECOPY_DATA names
 * (default: ../shared/data beside the checkout): `npx tsx bench/identity/measure.ts [part of a name] [--model]`.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { literal, openEngine } from "../../src/engine/index.ts";
import { evaluate } from "../../src/identity/evaluate.ts";
import { resolve } from "../../src/identity/resolve.ts";
import { dataSets } from "./data-sets.ts";

const [wanted = "", showModel] = process.argv.slice(2);
const folder = await mkdtemp(join(tmpdir(), "onecopy-identity-"));
try {
  for (const set of dataSets) {
    if (!set.name.includes(wanted)) continue;
    const file = await set.file(folder);
    if (file === undefined) {
      console.log(`${set.name}: not measured, since the folder of ONECOPY_DATA does not have it`);
      continue;
    }
    const engine = await openEngine({ spillFolder: join(folder, "spill") });
    const session = await engine.session();
    await session.run(
      `CREATE TEMP TABLE f AS SELECT * FROM read_csv(${literal(file)}, all_varchar = true, header = true)`,
    );
    const [began, cpu] = [performance.now(), process.cpuUsage()];
    const found = await resolve(session, [{ source: "f", relation: "f", idColumn: set.id, tags: set.tags }]);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    const { user, system } = process.cpuUsage(cpu);
    const truth = `(SELECT 'f' AS source, ${set.id} AS record_id, ${set.truth} AS person FROM f)`;
    const { f1, precision, recall, bCubed, people } = await evaluate(
      session,
      found.tables.assignments,
      truth,
    );
    const shown = [f1, precision, recall, bCubed.f1].map((rate) => rate.toFixed(4));
    console.log(
      `${set.name}: F1 ${shown[0]} precision ${shown[1]} recall ${shown[2]} B-cubed F1 ${shown[3]};`,
      `${found.records} records, ${found.profiles} profiles of ${people} people, ${found.comparedPairs} pairs,`,
      `${seconds} s, ${((user + system) / 1e6).toFixed(1)} CPU s`,
    );
    if (showModel === "--model") {
      console.table(await session.rows("SELECT * FROM identity_model"));
      console.table(found.blocks.filter(({ pairs }) => pairs > 0));
      console.table(found.sharedValues);
    }
    session.close();
    await engine.close();
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

import { newId } from "../../../base/index.ts";
import { type Session, ident, literal } from "../../../engine/index.ts";
import { readPuffinVector } from "../../deletion/index.ts";
import { keyIn } from "../../path.ts";
import type { ReadContext, ReadFile } from "./context.ts";
import type { IcebergContents } from "./contents.ts";
import { manifestDamaged } from "./unsupported.ts";

/** What of a snapshot's deletion vectors a session has in a temporary table. */
interface Loaded {
  readonly table: string;
  readonly paths: Set<string>;
}

const loadedIn = new WeakMap<Session, WeakMap<IcebergContents, Loaded>>();

/**
 * The rows that the deletion vectors of these files delete, as a table of `a` (the file's address) and `r` (the row).
 * It is a temporary one of the session. Fails with `table.deletion_vector_damaged`.
 */
export async function deletedVectorRows(
  { session, contents, snapshot }: ReadContext,
  files: readonly ReadFile[],
): Promise<string> {
  const ofSession = loadedIn.get(session) ?? new WeakMap<IcebergContents, Loaded>();
  loadedIn.set(session, ofSession);
  let loaded = ofSession.get(contents);
  if (loaded === undefined) {
    loaded = { table: ident(`onecopy_deleted_${newId().replaceAll("-", "")}`), paths: new Set() };
    await session.run(`CREATE TEMP TABLE ${loaded.table} (a VARCHAR, r BIGINT)`);
    ofSession.set(contents, loaded);
  }
  for (const { path, address, applied } of files) {
    const { vector } = applied;
    if (vector === undefined || loaded.paths.has(path)) continue;
    const key = keyIn(snapshot.folder, vector.path);
    const rows = await readPuffinVector(snapshot.store, key, vector.offset, vector.lengthBytes);
    try {
      if (rows.cardinality !== vector.rows)
        throw manifestDamaged(
          key,
          `the manifest says that a deletion vector has ${vector.rows} rows, it has ${rows.cardinality}`,
        );
      for (const batch of rows.batches())
        await session.run(
          `INSERT INTO ${loaded.table} SELECT ${literal(address)}, unnest(CAST([${batch.join(", ")}] AS BIGINT[]))`,
        );
    } finally {
      rows.dispose();
    }
    loaded.paths.add(path);
  }
  return loaded.table;
}

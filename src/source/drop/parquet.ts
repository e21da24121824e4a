import { newId } from "../../base/index.ts";
import { ident, literal, type Session } from "../../engine/index.ts";
import type { LogicalType } from "../../schema/index.ts";
import { nativeType } from "./cast.ts";
import { noRejects } from "./empty-stage.ts";
import { engineLocation } from "./glob.ts";
import { readFileInto } from "./read-file.ts";
import { type Stage, uniqueNames } from "./stage.ts";

/** Stages a Parquet file. Lists, structs and maps become JSON text. Fails with `source.unreadable`. */
export async function stageParquet(session: Session, path: string): Promise<Stage> {
  const table = ident(`drop_${newId()}`);
  // Staged whole: that a page is damaged shows only when it is read, and must not show in the middle of a write.
  await readFileInto(
    session,
    `CREATE TEMP TABLE ${table} AS SELECT * FROM read_parquet(${literal(engineLocation(path))}, hive_partitioning = false)`,
  );
  const columns = await session.describe(`SELECT * FROM ${table}`);
  const names = uniqueNames(columns.map(({ name }) => name));
  const selected = columns.map(({ name }, i) => `${ident(name)} AS s${i}`);
  return {
    relation: `(SELECT ${["rowid + 1 AS _row", ...selected].join(", ")} FROM ${table})`,
    columns: columns.map(({ type }, i) => ({
      name: names[i]!,
      staged: `s${i}`,
      type: generous(nativeType(type)),
      engineType: type,
    })),
    rejects: noRejects,
    linesOf: undefined,
    release: () => session.run(`DROP TABLE IF EXISTS ${table}`),
  };
}

/** Widening a table's type later costs a rewrite, a wide type now costs nothing. */
function generous(type: LogicalType | undefined): LogicalType {
  switch (type) {
    case undefined:
      return "string";
    case "byte":
    case "short":
    case "integer":
      return "long";
    case "float":
      return "double";
    default:
      return type;
  }
}

import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { type Session, literal } from "../../src/engine/index.ts";
import { type Table, keyIn } from "../../src/table/index.ts";
import { type Condition, type Model, type Operation, type Row, apply } from "../model/model.ts";
import { perform } from "../model/play.ts";

/** Values of one column: some are purged. None is a part of another. */
export const values = [
  "zoë.quimby@canary-mail.test",
  `O'Brien "Q" \\ 50% of /a b?`,
  "a canary with so many letters that bounds are cut off in both formats, and then some",
  "ž 🐎 žluťoučký",
] as const;

/** What happens to a table before it is purged. */
export type Step =
  | Exclude<Operation, { kind: "reopen" }>
  | { readonly kind: "compact" | "clone" | "addColumn" | "vacuum" | "vectors" }
  | { readonly kind: "foreign" | "orphan"; readonly row: Row };

const row: fc.Arbitrary<Row> = fc.record({
  id: fc.integer({ min: 0, max: 12 }),
  part: fc.option(fc.constantFrom(...values, "bystander"), { freq: 8 }),
  n: fc.option(fc.integer({ min: -5, max: 5 })),
  tags: fc.option(fc.array(fc.constantFrom("x", "y"), { maxLength: 2 })),
});
const rows = fc.array(row, { minLength: 1, maxLength: 5 });
const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc.integer({ min: 0, max: 12 }).map((id) => ({ sql: `id = ${id}`, test: (one: Row) => one.id === id })),
  fc.constantFrom(...values).map((part) => ({
    sql: `part = ${literal(part)}`,
    test: (one: Row) => one.part === part,
  })),
);

/** So that there are checkpoints. */
export const interval = { "delta.checkpointInterval": "4" };

export const append: fc.Arbitrary<Step> = rows.map((some) => ({ kind: "append", rows: some }));

export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: append },
  { weight: 2, arbitrary: condition.map((one) => ({ kind: "delete", condition: one }) as const) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(condition, fc.integer({ min: -5, max: 5 }))
      .map(([one, n]) => ({ kind: "update" as const, condition: one, n })),
  },
  {
    weight: 1,
    arbitrary: fc
      .uniqueArray(row, { selector: ({ id }) => id, minLength: 1, maxLength: 4 })
      .map((some) => ({ kind: "merge" as const, rows: some, deleted: some.map((_, i) => i === 0) })),
  },
  {
    weight: 3,
    arbitrary: fc
      .constantFrom("compact", "clone", "addColumn", "vacuum", "vectors")
      .map((kind) => ({ kind }) as const),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom("foreign", "orphan"), row)
      .map(([kind, one]) => ({ kind, row: one }) as const),
  },
);

/** A table, what is in it, and its clones, with what was in it when they were made. */
export interface Played {
  readonly table: Table;
  model: Model;
  readonly clones: { readonly folder: string; readonly model: Model }[];
  count: number;
}

export async function take(session: Session, played: Played, step: Step): Promise<void> {
  await play(session, played, step);
  // A checkpoint may come beside it.
  await played.table.settled();
}

async function play(session: Session, played: Played, step: Step): Promise<void> {
  const { table } = played;
  const count = played.count++;
  switch (step.kind) {
    case "compact":
      await table.compact(session);
      return;
    case "vacuum":
      await table.vacuum({ graceMs: 0 });
      return;
    case "clone": {
      const folder = `ns/clone${count}`;
      await table.clone(folder);
      played.clones.push({ folder, model: played.model });
      return;
    }
    case "addColumn":
      await table.evolve(session, [{ kind: "add", path: [`later${count}`], type: "string" }]);
      return;
    case "vectors":
      await table.setProperties(session, { "delta.enableDeletionVectors": String(count % 2 === 0) });
      return;
    case "orphan":
      await orphans(session, table, step.row, count);
      return;
    case "foreign":
      await foreignAppend(session, table, step.row, count);
      played.model = [...played.model, step.row];
      return;
    default: {
      const outcome = await perform(session, table, step);
      if (outcome.kind !== "committed") throw new Error(JSON.stringify(outcome));
      played.model = apply(played.model, step);
      return;
    }
  }
}

/** A commit of a writer that knows nothing of OneCopy and names folders by values, in the log and in what it says. */
async function foreignAppend(session: Session, table: Table, row: Row, count: number): Promise<void> {
  const { version, partitionColumns } = await table.snapshot();
  const folder = `part=${encodeURIComponent(row.part ?? "__HIVE_DEFAULT_PARTITION__")}`;
  const path = `${folder}/f${count}.parquet`;
  const sizeBytes = await parquetOf(session, table, row, path);
  const stats = {
    numRecords: 1,
    minValues: { part: row.part },
    maxValues: { part: row.part },
    nullCount: {},
  };
  const add = {
    path: path.split("/").map(encodeURIComponent).join("/"),
    partitionValues: partitionColumns.length === 0 ? {} : { part: row.part },
    size: sizeBytes,
    modificationTime: Date.now(),
    dataChange: true,
    stats: JSON.stringify(row.part === null ? { numRecords: 1 } : stats),
  };
  const commitInfo = {
    timestamp: Date.now(),
    operation: "WRITE",
    operationParameters: { predicate: row.part },
  };
  const key = keyIn(table.folder, `_delta_log/${String(version + 1).padStart(20, "0")}.json`);
  await table.store.put(key, `${JSON.stringify({ commitInfo })}\n${JSON.stringify({ add })}\n`);
}

/** What crashed writers and other engines leave. */
async function orphans(session: Session, table: Table, row: Row, count: number): Promise<void> {
  const put = async (path: string, body: string | Buffer): Promise<unknown> =>
    await table.store.put(keyIn(table.folder, path), body);
  await parquetOf(session, table, row, `data/orphan${count}.parquet`);
  await parquetOf(session, table, row, `_change_data/cdc-${count}.parquet`);
  await put(`data/staged${count}.json`, JSON.stringify({ row, nested: JSON.stringify(row) }));
  await put(`_delta_log/${"0".repeat(20)}.crc`, JSON.stringify(row));
  await put(`_delta_log/.s3-optimization-${count}`, row.part ?? "");
  await put(`notes${count}.gz`, gzipSync(JSON.stringify(row)));
  await put(`_iceberg/${count}-left.metadata.json`, JSON.stringify(row));
}

async function parquetOf(
  session: Session,
  table: Table,
  { id, part, n, tags }: Row,
  path: string,
): Promise<number> {
  const { store, folder } = table;
  const target = store.locate(keyIn(folder, path));
  await mkdir(dirname(target), { recursive: true });
  const ids = (await table.snapshot()).schema.fields
    .filter(({ name }) => !name.startsWith("later"))
    .map((field) => `${field.name}: ${field.id}`);
  const list = tags === null ? "NULL" : `[${tags.map(literal).join(", ")}]`;
  await session.run(
    `COPY (SELECT ${id}::BIGINT AS id, ${literal(part)}::VARCHAR AS part, ${literal(n)}::INTEGER AS n, ${list}::VARCHAR[] AS tags)
     TO ${literal(target)} (FORMAT parquet, FIELD_IDS {${ids.join(", ")}})`,
  );
  const found = await store.head(keyIn(folder, path));
  if (found.kind === "absent") throw new Error(`${path} is not there`);
  return found.entry.sizeBytes;
}

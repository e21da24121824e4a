import { z } from "zod";
import { OneCopyError } from "../base/index.ts";
import { type Column, type Session, ident } from "../engine/index.ts";
import { compileSegment } from "../segment/index.ts";
import { type Snapshot, propertyIdentifying, scan } from "../table/index.ts";
import type { SyncDefinition } from "./definition.ts";

/** The people of a sync at one version of the table, on one day. */
export interface Members {
  readonly definition: SyncDefinition;
  readonly snapshot: Snapshot;
  /** `YYYY-MM-DD`. */
  readonly asOf: string;
}

/** What a person's row is delivered with. */
export interface DeliveredColumn extends Column {}

const deliverable =
  /^(VARCHAR|BOOLEAN|U?(TINYINT|SMALLINT|INTEGER|BIGINT)|HUGEINT|FLOAT|DOUBLE|DECIMAL\(.*\)|DATE|TIMESTAMP.*)$/;

/** The chosen columns with their engine types. Fails with `activation.unknown_column`, `activation.column_type_unsupported`. */
export async function deliveredColumns(
  session: Session,
  { definition, snapshot }: Members,
): Promise<DeliveredColumn[]> {
  const present = await session.describe(`SELECT * FROM ${scan(snapshot)}`);
  return definition.columns.map((name) => {
    const column = present.find((candidate) => candidate.name === name);
    if (column === undefined)
      throw new OneCopyError(
        "activation.unknown_column",
        `There is no column ${JSON.stringify(name)} to deliver.`,
        {
          remedy: `The columns are ${present.map((candidate) => candidate.name).join(", ")}.`,
        },
      );
    if (!deliverable.test(column.type))
      throw new OneCopyError(
        "activation.column_type_unsupported",
        `Column ${name} is ${column.type}, which a file cannot hold.`,
        {
          remedy: "Deliver texts, numbers, booleans, dates and timestamps.",
        },
      );
    return column;
  });
}

/** A relation of `profile_id` and `columns`; one that the definition did not deliver is null. */
export async function membersSql(
  session: Session,
  members: Members,
  columns: readonly DeliveredColumn[],
): Promise<string> {
  const { definition, snapshot, asOf } = members;
  const relation = scan(snapshot);
  const identifying = z.array(z.string()).parse(JSON.parse(snapshot.properties[propertyIdentifying] ?? "[]"));
  const segment = compileSegment(
    definition.rule,
    { relation, columns: await session.describe(`SELECT * FROM ${relation}`), identifying },
    asOf,
  );
  const values = columns.map(({ name, type }) => {
    const value = definition.columns.includes(name) ? ident(name) : "NULL";
    return `, CAST(${value} AS ${type}) AS ${ident(name)}`;
  });
  return `(SELECT profile_id${values.join("")} FROM ${relation} people SEMI JOIN (${segment}) chosen USING (profile_id))`;
}

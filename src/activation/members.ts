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
  const present = await session.describe(`SELECT * FROM ${await scan(session, snapshot)}`);
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

/** A relation of `profile_id` and `columns`, as the types say. */
export async function membersSql(
  session: Session,
  { definition, snapshot, asOf }: Members,
  columns: readonly DeliveredColumn[],
): Promise<string> {
  const relation = await scan(session, snapshot);
  const identifying = z.array(z.string()).parse(JSON.parse(snapshot.properties[propertyIdentifying] ?? "[]"));
  const present = await session.describe(`SELECT * FROM ${relation}`);
  const segment = compileSegment(definition.rule, { relation, columns: present, identifying }, asOf);
  const values = columns.map(({ name, type }) => `, TRY_CAST(${ident(name)} AS ${type}) AS ${ident(name)}`);
  return `(SELECT profile_id${values.join("")} FROM ${relation} people SEMI JOIN (${segment}) chosen USING (profile_id))`;
}

import { rm, writeFile } from "node:fs/promises";
import { newId } from "../../base/index.ts";
import { ident, literal, type Session } from "../../engine/index.ts";
import { type LogicalType, type Schema, fieldNamed, isPrimitive, typeToEngine } from "../../schema/index.ts";
import { castTo } from "./cast.ts";
import { engineLocation } from "./glob.ts";
import { spillPath } from "./plain-file.ts";
import { rejectedTextBytes, type Stage } from "./stage.ts";

/** A stage's rows as the table takes them, and those that it does not. */
export interface Fitted {
  /** A query. */
  readonly accepted: string;
  /** SQL that can stand after FROM; columns as {@link Stage.rejects}. */
  readonly rejected: string;
  readonly rejectedRows: number;
  release(): Promise<void>;
}

/** Every column of the stage must be in the schema. `path` becomes `_file`. */
export async function fit(
  session: Session,
  stage: Stage,
  schema: Schema,
  path: string,
  timezone: string,
): Promise<Fitted> {
  const columns = stage.columns.map((column) => {
    const field = fieldNamed(schema, column.name)!;
    return { column, field, ...castTo(column, field.type, timezone) };
  });
  const values = columns.map(({ field, value }) => `${value} AS ${ident(field.name)}`);
  const all = `SELECT ${[...values, `${literal(path)} AS "_file"`, `CAST(_row AS BIGINT) AS "_row"`].join(", ")} FROM ${stage.relation}`;
  const tests = columns.flatMap(({ field, misfit }) =>
    misfit === undefined
      ? []
      : [{ test: `coalesce(${misfit}, false)`, reason: `column ${field.name} holds ${problem(field.type)}` }],
  );
  const anyMisfit = tests.length === 0 ? "false" : tests.map(({ test }) => test).join(" OR ");
  const { _row: rows } = (await session.arrays(
    `SELECT CAST(_row AS DOUBLE) AS _row FROM ${stage.relation} WHERE ${anyMisfit} ORDER BY _row`,
  )) as { _row: Float64Array };
  const malformed = await countOf(session, stage.rejects);
  if (rows.length === 0)
    return {
      accepted: all,
      rejected: stage.rejects,
      rejectedRows: malformed,
      release: async () => undefined,
    };
  const misfits = ident(`drop_misfits_${newId()}`);
  const record = stage.columns.map(({ name, staged }) => `${literal(name)}: ${ident(staged)}`).join(", ");
  const reason = `CASE ${tests.map(({ test, reason: text }) => `WHEN ${test} THEN ${literal(text)}`).join(" ")} END`;
  await withLines(session, stage, rows, (lines) =>
    session.run(`CREATE TEMP TABLE ${misfits} AS SELECT l.line, ${reason} AS reason,
      left(replace(CAST(to_json({${record}}) AS VARCHAR), '\\u0000', chr(9216)), ${rejectedTextBytes}) AS text
      FROM ${stage.relation} LEFT JOIN ${lines} l USING (_row) WHERE ${anyMisfit}`),
  );
  return {
    accepted: `${all} WHERE NOT (${anyMisfit})`,
    rejected: `(SELECT line, reason, text FROM ${stage.rejects} UNION ALL SELECT line, reason, text FROM ${misfits})`,
    rejectedRows: malformed + rows.length,
    release: () => session.run(`DROP TABLE IF EXISTS ${misfits}`),
  };
}

/** Hands over a relation of `_row` and `line`. */
async function withLines(
  session: Session,
  { linesOf }: Stage,
  rows: Float64Array,
  work: (relation: string) => Promise<void>,
): Promise<void> {
  if (linesOf === undefined)
    return work("(SELECT CAST(NULL AS BIGINT) AS _row, CAST(NULL AS BIGINT) AS line)");
  const lines = await linesOf(Array.from(rows));
  const list = await spillPath(session);
  try {
    await writeFile(list, `_row,line\n${lines.map((line, i) => `${rows[i]},${line}\n`).join("")}`);
    await work(
      `read_csv(${literal(engineLocation(list))}, auto_detect = false, header = true, columns = {_row: 'BIGINT', line: 'BIGINT'})`,
    );
  } finally {
    await rm(list, { force: true });
  }
}

async function countOf(session: Session, relation: string): Promise<number> {
  const [row] = await session.rows<{ n: number }>(`SELECT count(*) AS n FROM ${relation}`);
  return row!.n;
}

const plainNames: Readonly<Record<string, string>> = {
  long: "whole number",
  integer: "whole number",
  short: "whole number",
  byte: "whole number",
  double: "number",
  float: "number",
};

function problem(type: LogicalType): string {
  if (type === "string") return "a NUL character";
  return `what is no ${isPrimitive(type) ? (plainNames[type] ?? type) : typeToEngine(type).toLowerCase()}`;
}

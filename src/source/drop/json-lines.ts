import { newId } from "../../base/index.ts";
import { ident, literal, type Session, textList } from "../../engine/index.ts";
import { emptyStage } from "./empty-stage.ts";
import { engineLocation } from "./glob.ts";
import { inferTypes } from "./infer.ts";
import { type JsonColumn, jsonColumns } from "./json-column.ts";
import { openPlain, readStart } from "./plain-file.ts";
import { readFileInto } from "./read-file.ts";
import { rejectedTextBytes, type Stage, uniqueNames } from "./stage.ts";

/**
 * Stages a file of JSON objects, one a line, or one array of objects. An object inside an object becomes columns
 * (`address.city` → `address_city`), an array stays JSON text. Fails with `source.bad_gzip`, `source.unreadable`.
 */
export async function stageJson(session: Session, path: string): Promise<Stage> {
  const plain = await openPlain(session, path);
  const id = newId().replaceAll("-", "_");
  const names = ["lines", "errors", "scan", "records"].map((part) => ident(`drop_${part}_${id}`));
  const [lines, errors, , records] = names as [string, string, string, string];
  const release = (): Promise<void> =>
    session.run(names.map((name) => `DROP TABLE IF EXISTS ${name}`).join(";"));
  try {
    const start = new TextDecoder()
      .decode(await readStart(plain.path, 4096))
      .replace(/^\ufeff/, "")
      .trimStart();
    if (start === "") return emptyStage();
    const isArray = start.startsWith("[") && path.toLowerCase().replace(/\.gz$/, "").endsWith(".json");
    if (isArray) await readArray(session, plain.path, lines, errors);
    else await readLines(session, plain.path, lines, id);
    await session.run(`CREATE OR REPLACE TEMP TABLE ${records} AS ${recordsOf(lines, errors)}`);
    await session.run(`DROP TABLE ${lines}`);
    const good = `(SELECT _row, line FROM ${records} WHERE reason IS NULL)`;
    const found = await jsonColumns(session, good);
    const staged = uniqueNames(found.map(({ name }) => name)).map((name, i) => ({ name, staged: `s${i}` }));
    const relation = await stageValues(session, records, good, found, lines);
    const types = await inferTypes(session, relation, staged);
    return {
      relation,
      columns: staged.map((column, i) => ({ ...column, type: types[i], engineType: "VARCHAR" })),
      rejects: `(SELECT ${isArray ? "CAST(NULL AS BIGINT)" : "_row"} AS line, reason, left(replace(line, chr(0), chr(9216)), ${rejectedTextBytes}) AS text
        FROM ${records} WHERE reason IS NOT NULL
        UNION ALL SELECT CAST(line AS BIGINT), 'the text is not UTF-8, or the line is too long', left(csv_line, ${rejectedTextBytes}) FROM ${errors})`,
      linesOf: isArray ? undefined : (rows) => Promise.resolve(rows),
      release,
    };
  } catch (error) {
    await release();
    throw error;
  } finally {
    await plain.release();
  }
}

/** Every line as one text: no separator that JSON could hold, and no quotes. */
async function readLines(session: Session, path: string, lines: string, id: string): Promise<void> {
  await readFileInto(
    session,
    `CREATE OR REPLACE TEMP TABLE ${lines} AS SELECT * FROM read_csv(${literal(engineLocation(path))},
    columns = {line: 'VARCHAR'}, auto_detect = false, header = false, delim = ${literal("\u0001")}, quote = '', escape = '',
    max_line_size = 16000000, buffer_size = 64000000, compression = 'none', hive_partitioning = false, store_rejects = true,
    rejects_table = ${literal(`drop_errors_${id}`)}, rejects_scan = ${literal(`drop_scan_${id}`)})`,
  );
}

async function readArray(session: Session, path: string, lines: string, errors: string): Promise<void> {
  await readFileInto(
    session,
    `CREATE OR REPLACE TEMP TABLE ${lines} AS SELECT CAST(json AS VARCHAR) AS line FROM read_json_objects(
      ${literal(engineLocation(path))}, format = 'array', compression = 'uncompressed', hive_partitioning = false)`,
  );
  await session.run(`CREATE OR REPLACE TEMP TABLE ${errors} (line BIGINT, csv_line VARCHAR)`);
}

/** Numbers the lines as they stand in the file: lines that are not UTF-8 never arrived, and count. */
function recordsOf(lines: string, errors: string): string {
  return `WITH missing AS (
      SELECT CAST(line AS BIGINT) - row_number() OVER (ORDER BY line) AS good_before FROM (SELECT DISTINCT line FROM ${errors})),
    numbered AS (SELECT rowid + 1 AS n, line FROM ${lines})
    SELECT n + (SELECT count(*) FROM missing WHERE good_before < n) AS _row, line, CASE
      WHEN contains(line, chr(0)) OR contains(line, '\\u0000') THEN 'the line holds a NUL character'
      WHEN NOT json_valid(line) THEN 'the line is not JSON'
      WHEN json_type(line) <> 'OBJECT' THEN 'the line is no JSON object'
      END AS reason
    FROM numbered WHERE trim(line) <> ''`;
}

async function stageValues(
  session: Session,
  records: string,
  good: string,
  columns: readonly JsonColumn[],
  table: string,
): Promise<string> {
  if (columns.length === 0) return `(SELECT _row FROM ${records} WHERE reason IS NULL)`;
  await session.run(`CREATE OR REPLACE TEMP TABLE ${table} AS
    SELECT _row, ${columns.map((_, i) => `v[${i + 1}] AS s${i}`).join(", ")}
    FROM (SELECT _row, json_extract_string(line, ${textList(columns.map(({ pointer }) => pointer))}) AS v FROM ${good}) ORDER BY _row`);
  return table;
}

import type { Catalog } from "../../catalog/index.ts";
import { ident, type Session } from "../../engine/index.ts";
import { addFields, type LogicalType, type Schema } from "../../schema/index.ts";
import { propertyIdentifying, type Table } from "../../table/index.ts";
import { readHeader } from "../tag/header.ts";
import { readKeyHeader } from "../tag/key-header.ts";
import { suggestTags } from "../tag/suggest.ts";
import { isIdentifying, parseTag } from "../tag/tag.ts";
import type { FilesSource } from "../config.ts";
import type { DropFile } from "./glob.ts";
import { commonType } from "./infer.ts";
import type { Stage } from "./stage.ts";
import type { Staging } from "./staging.ts";

interface NewColumn {
  readonly name: string;
  readonly type: LogicalType | undefined;
}

/**
 * Creates `raw.<name>` with the columns of all files, each of a type that holds its values in every one of them.
 * So the first load may read its files twice, and a fraction in the second file finds no column of whole numbers.
 * Undefined while no file has a column.
 */
export async function createDropTable(
  session: Session,
  catalog: Catalog,
  table: string,
  sourceName: string,
  config: FilesSource,
  files: readonly DropFile[],
  staging: Staging,
): Promise<Table | undefined> {
  const columns = new Map<string, NewColumn>();
  const identifying = new Set<string>();
  let filesMeasured = 0;
  for (const file of files)
    await staging.use(file, async (stage) => {
      if ("unreadable" in stage) return;
      for (const { name, type } of stage.columns) {
        const known = columns.get(name.toLowerCase());
        columns.set(name.toLowerCase(), { name: known?.name ?? name, type: commonType(known?.type, type) });
      }
      const byValues = filesMeasured++ < mostMeasured;
      for (const name of await identifyingColumns(session, stage, sourceName, config, byValues))
        identifying.add(name.toLowerCase());
    });
  if (columns.size === 0) return undefined;
  const schema = dropSchema([...columns.values()]);
  const named = schema.fields
    .filter(({ name }) => identifying.has(name.toLowerCase()))
    .map(({ name }) => name);
  return catalog.create(table, { schema, properties: { [propertyIdentifying]: JSON.stringify(named) } });
}

function dropSchema(columns: readonly NewColumn[]): Schema {
  return addFields({ fields: [], lastFieldId: 0 }, [
    ...columns.map(({ name, type = "string" }) => ({ name, type })),
    { name: "_file", type: "string", comment: "The file, relative to the configuration's folder." },
    { name: "_row", type: "long", comment: "The row in the file, from 1." },
  ]);
}

/** Files whose values are looked at for tags; the names of columns are looked at in all. */
const mostMeasured = 3;

/** Columns that are identifying by a confirmed tag, a suggested one, or their name alone: rather one too many. */
export async function identifyingColumns(
  session: Session,
  stage: Stage,
  sourceName: string,
  config: FilesSource,
  byValues: boolean,
): Promise<string[]> {
  const byName = stage.columns
    .map(({ name }) => name)
    .filter((name) => isIdentifyingByName(name, sourceName, config));
  if (!byValues || stage.columns.length === 0) return byName;
  const named = stage.columns.map(({ name, staged }) => `${ident(staged)} AS ${ident(name)}`).join(", ");
  const suggested = await suggestTags(session, `(SELECT ${named} FROM ${stage.relation})`, { sourceName });
  return [...byName, ...suggested.filter(({ tag }) => isIdentifying(tag)).map(({ column }) => column)];
}

function isIdentifyingByName(name: string, sourceName: string, config: FilesSource): boolean {
  const { tags = {} } = config;
  const configured = Object.hasOwn(tags, name) ? parseTag(tags[name]!) : undefined;
  if (configured !== undefined && isIdentifying(configured)) return true;
  if (readKeyHeader(name, sourceName) !== undefined) return true;
  const header = readHeader(name);
  if (header === undefined || header === "foreign") return false;
  const tag = parseTag(header.meaning);
  return tag === undefined
    ? header.meaning === "name" || header.meaning === "house_number"
    : isIdentifying(tag);
}

import { addresses, textList } from "../../engine/index.ts";
import type { Store } from "../../storage/index.ts";
import { type IcebergSchema, type TableMetadata, currentSchema } from "../iceberg/metadata.ts";
import { withLogEngine } from "../log-engine.ts";
import { escapedPattern, keyIn } from "../path.ts";
import { type PlainField, fieldsIn } from "./ids.ts";
import { invalid } from "./refuse.ts";

const footersAtOnce = 500;

/**
 * Fails where files that come in were written before a column was renamed, widened, or dropped and its name given to another: an engine that lost a race tries again with
 * the files that it has, or goes back to an older snapshot. Iceberg's readers find columns by their ids, Delta's by their
 * names. Footers are read only of tables that had such a change. `paths`: in the table's folder.
 */
export async function refuseOldColumns(
  store: Store,
  folder: string,
  metadata: TableMetadata,
  paths: readonly string[],
): Promise<void> {
  const fields = fieldsIn(currentSchema(metadata));
  const now = new Map(fields.map((field) => [field.id, field]));
  const taken = new Set(fields.map(({ path }) => path));
  const changed = new Set(
    metadata.schemas
      .flatMap((schema: IcebergSchema) => fieldsIn(schema))
      .filter(({ id, name, path, type }) => {
        const field = now.get(id);
        return field === undefined ? taken.has(path) : field.name !== name || isPlainChange(type, field.type);
      })
      .map(({ id }) => id),
  );
  const inside = paths.filter((path) => !path.startsWith("//"));
  if (changed.size === 0 || inside.length === 0) return;
  await withLogEngine(async (session) => {
    for (let i = 0; i < inside.length; i += footersAtOnce) {
      const keys = inside.slice(i, i + footersAtOnce).map((path) => keyIn(folder, path));
      const addressed = await addresses(session, store, keys);
      const rows = await session.rows<FooterColumn>(
        `SELECT file_name AS file, field_id::INTEGER AS id, name, type, precision::INTEGER AS digits
         FROM parquet_schema(${textList(addressed.map(escapedPattern))}) WHERE field_id IN (${[...changed].join(", ")})`,
      );
      for (const column of rows) {
        const was = whatItWas(column, now.get(Number(column.id)));
        if (was === undefined) continue;
        throw invalid(
          `${keys[addressed.indexOf(column.file)]} was written when ${was}, and Delta's readers would see other values in it.`,
          "Run the statement again: the engine then writes its files for the columns of now. To an older snapshot go back with OneCopy (Table.restore).",
        );
      }
    }
  });
}

interface FooterColumn {
  readonly file: string;
  readonly id: number;
  readonly name: string;
  readonly type: string | null;
  readonly digits: number | null;
}

/** `undefined`: the file has the column as it is now, or so that every reader takes it for that (`staysReadable`). */
function whatItWas({ name, type, digits }: FooterColumn, now: PlainField | undefined): string | undefined {
  if (now === undefined) return `${name} was another column, which was dropped`;
  if (name !== now.name) return `the column ${now.name} was called ${name}`;
  if (now.type === "long") return type === "INT32" ? `the column ${name} was an int` : undefined;
  const wanted = digitsOf(now.type);
  if (wanted === undefined || digits === null || digits === wanted) return undefined;
  return digits <= 9 && wanted > 18 ? undefined : `the column ${name} was a decimal of ${digits} digits`;
}

function isPlainChange(from: unknown, to: unknown): boolean {
  return typeof from === "string" && typeof to === "string" && from !== to;
}

function digitsOf(type: unknown): number | undefined {
  const digits = /^decimal\((\d+), *\d+\)$/.exec(String(type))?.[1];
  return digits === undefined ? undefined : Number(digits);
}

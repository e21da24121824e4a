import { addresses, textList } from "../../engine/index.ts";
import type { Store } from "../../storage/index.ts";
import { type IcebergSchema, type TableMetadata, currentSchema } from "../iceberg/metadata.ts";
import { withLogEngine } from "../log-engine.ts";
import { escapedPattern, keyIn } from "../path.ts";
import { fieldsIn } from "./ids.ts";
import { invalid } from "./refuse.ts";

const footersAtOnce = 500;

/**
 * Fails where files that come in were written before a column was renamed or widened: an engine that lost a race tries again with
 * the files that it has. Iceberg's readers find columns by their ids, Delta's would find none of that name. Footers are read only of
 * tables that had such a change. `paths`: in the table's folder.
 */
export async function refuseOldColumns(
  store: Store,
  folder: string,
  metadata: TableMetadata,
  paths: readonly string[],
): Promise<void> {
  const now = new Map(fieldsIn(currentSchema(metadata)).map((field) => [field.id, field]));
  const changed = new Set(
    metadata.schemas
      .flatMap((schema: IcebergSchema) => fieldsIn(schema))
      .filter(({ id, name, type }) => {
        const field = now.get(id);
        return field !== undefined && (field.name !== name || (field.type === "long" && type === "int"));
      })
      .map(({ id }) => id),
  );
  const inside = paths.filter((path) => !path.startsWith("//"));
  if (changed.size === 0 || inside.length === 0) return;
  await withLogEngine(async (session) => {
    for (let i = 0; i < inside.length; i += footersAtOnce) {
      const keys = inside.slice(i, i + footersAtOnce).map((path) => keyIn(folder, path));
      const addressed = await addresses(session, store, keys);
      const rows = await session.rows<{ file: string; id: number; name: string; type: string | null }>(
        `SELECT file_name AS file, field_id::INTEGER AS id, name, type FROM parquet_schema(${textList(addressed.map(escapedPattern))})
         WHERE field_id IN (${[...changed].join(", ")})`,
      );
      for (const { file, id, name, type } of rows) {
        const field = now.get(Number(id))!;
        if (field.name === name && !(field.type === "long" && type === "INT32")) continue;
        throw invalid(
          `${keys[addressed.indexOf(file)]} was written when the column ${field.name} was ${field.name === name ? "an int" : `called ${name}`}, and Delta's readers would not find it.`,
          "Run the statement again: the engine then writes its files for the columns of now.",
        );
      }
    }
  });
}

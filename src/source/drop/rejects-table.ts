import { literal, type Session } from "../../engine/index.ts";
import { schemaOf } from "../../schema/index.ts";
import type { Catalog } from "../../catalog/index.ts";
import { propertyIdentifying, type Table } from "../../table/index.ts";
import type { Fitted } from "./fit.ts";
import type { DropFile } from "./glob.ts";
import { holds, type Kind, nextLoad, tagDropFile } from "./known.ts";

/** `file`, `line` (null where there are none), `reason`, `text` (at most 4 KB), `loaded_at`. */
const rejectsSchema = schemaOf([
  { name: "file", type: "VARCHAR" },
  { name: "line", type: "BIGINT" },
  { name: "reason", type: "VARCHAR" },
  { name: "text", type: "VARCHAR" },
  { name: "loaded_at", type: "TIMESTAMP WITH TIME ZONE" },
]);

/** Makes a file's rejected rows those of `rejected`, exactly once; a file that has none, and had none, makes no commit. */
export async function writeRejects(
  session: Session,
  catalog: Catalog,
  name: string,
  file: DropFile,
  { rejected, rejectedRows }: Pick<Fitted, "rejected" | "rejectedRows">,
  kind: Kind,
): Promise<void> {
  const existing = await catalog.find(name);
  if (existing === undefined && rejectedRows === 0) return;
  const table = existing ?? (await createRejects(catalog, name));
  for (;;) {
    const snapshot = await table.snapshot();
    if (holds(snapshot, file, kind)) return;
    const hadRows = snapshot.files.some(({ tags }) => tags[tagDropFile] === file.path);
    if (rejectedRows === 0 && !hadRows) return;
    const outcome = await table.write(session, {
      mode: "append",
      query: `SELECT ${literal(file.path)} AS "file", line, reason, text, now() AS loaded_at FROM ${rejected} ORDER BY line`,
      removeFiles: ({ tags }) => tags[tagDropFile] === file.path,
      fileTags: { [tagDropFile]: file.path },
      transactions: nextLoad(snapshot, file, kind),
    });
    if (outcome.kind !== "conflict") return;
  }
}

function createRejects(catalog: Catalog, name: string): Promise<Table> {
  return catalog.create(name, { schema: rejectsSchema, properties: { [propertyIdentifying]: '["text"]' } });
}

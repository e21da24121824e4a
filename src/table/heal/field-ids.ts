import { z } from "zod";
import { OneCopyError } from "../../base/index.ts";
import { addresses } from "../../engine/index.ts";
import { type Field, type Schema, fieldIdsOf, isNested, nameMapping } from "../../schema/index.ts";
import type { Store } from "../../storage/index.ts";
import type { LogState } from "../delta/replay.ts";
import { propertyCompat } from "../delta/protocol.ts";
import { isMapped, schemaFromDelta } from "../delta/schema.ts";
import type { TableMetadata } from "../iceberg/metadata.ts";
import { type FileColumn, fileShapes } from "../iceberg/read/parquet-shape.ts";
import { withLogEngine } from "../log-engine.ts";
import { escapedPattern, keyIn } from "../path.ts";
import { tagFieldIds } from "../scan/branch.ts";
import type { DataFile } from "../snapshot.ts";

/** A field as files know it: by its physical name, and by its id where they have ids. */
interface Known {
  readonly name: string;
  readonly id: number | undefined;
  readonly inside: readonly Known[];
}

/** What a foreign version is checked against. */
export interface Ids {
  /** With the ids that Iceberg gives. */
  readonly schema: Schema;
  /** Of the Iceberg side before, in which the files that stay were written or healed. */
  readonly before: TableMetadata | undefined;
  /** Files that come in. */
  readonly added: readonly DataFile[];
}

/**
 * Iceberg's readers find a column in a file by its field id, Delta's by its name. Fails with `table.field_ids_differ`
 * where they would get different values: files that stay, and whose column has another id now (its type became one that
 * Iceberg cannot widen to, or a column mapping counts anew); files that come with ids of their own (of a restore, or
 * a column mapping) which are others.
 */
export async function checkFieldIds(
  store: Store,
  folder: string,
  state: LogState,
  { schema, before, added }: Ids,
): Promise<void> {
  if (before === undefined) return;
  const mapped = isMapped(state.metaData.configuration);
  if (mapped) checkMapping(folder, state, schema);
  const now = nameMapping(schema).map(fromMapping);
  const stays = (await state.files()).count > added.length;
  const different = stays ? difference(now, mappingOf(before)) : undefined;
  if (different !== undefined)
    refuse(
      folder,
      `the column ${different.name} became another one (field ${different.id}, before ${different.found}), and rows of before are still in the table`,
    );
  const withIds = added.filter(
    ({ path, tags }) => mapped || tags[tagFieldIds] !== undefined || isOurs.test(path),
  );
  if (withIds.length > 0) await checkFiles(store, folder, now, withIds);
}

/** How OneCopy names data files: a restore brings them back, perhaps without their tags. */
const isOurs = /^data\/[^/]+\.parquet$/;

async function checkFiles(
  store: Store,
  folder: string,
  now: readonly Known[],
  files: readonly DataFile[],
): Promise<void> {
  const keys = files.map(({ path }) => keyIn(folder, path));
  const shapes = await withLogEngine(async (session) => {
    const found = await addresses(session, store, keys);
    return await fileShapes(session, found.map(escapedPattern));
  });
  for (const [file, { columns }] of shapes) {
    const there = columns.map(fromFile);
    // Without ids at all, the name mapping counts.
    if (!there.some(hasId)) continue;
    const different = difference(now, there);
    if (different !== undefined)
      refuse(
        folder,
        `the column ${different.name} is field ${different.id}, and in the file ${file} it ${different.found === undefined ? "has no id" : `is field ${different.found}`}`,
      );
  }
}

/** Who writes to a mapped table numbers its files by the mapping; what is in lists and maps only with IcebergCompatV2. */
function checkMapping(folder: string, { metaData }: LogState, schema: Schema): void {
  const { schemaString, configuration } = metaData;
  const { fields } = schemaFromDelta(folder, schemaString, configuration);
  if (fields.some(holdsListOrMap) && configuration[propertyCompat] !== "true")
    refuse(
      folder,
      "its columns are mapped, and without the feature icebergCompatV2 no writer gives ids to what is in lists and maps",
    );
  if (JSON.stringify(fieldIdsOf(fields)) !== JSON.stringify(fieldIdsOf(schema.fields)))
    refuse(folder, "its column mapping numbers the columns in another way than the files that are there");
}

function holdsListOrMap({ type }: Field): boolean {
  if (!isNested(type)) return false;
  return type.kind !== "struct" || type.fields.some(holdsListOrMap);
}

/** The first field that two have under the same name with different ids, or with the same id under different names. */
function difference(
  now: readonly Known[],
  there: readonly Known[],
):
  | { readonly name: string; readonly id: number | undefined; readonly found: number | undefined }
  | undefined {
  for (const { name, id, inside } of now) {
    const same = there.find((one) => one.name === name);
    const taken = there.find((one) => one.id === id && one.name !== name);
    if (taken !== undefined) return { name: taken.name, id: undefined, found: taken.id };
    if (same === undefined) continue;
    if (same.id !== id) return { name, id, found: same.id };
    const deeper = difference(inside, same.inside);
    if (deeper !== undefined) return { ...deeper, name: `${name}.${deeper.name}` };
  }
  return undefined;
}

function hasId({ id, inside }: Known): boolean {
  return id !== undefined || inside.some(hasId);
}

function fromMapping(one: Mapping): Known {
  return { name: one.names[0] ?? "", id: one["field-id"], inside: (one.fields ?? []).map(fromMapping) };
}

function fromFile({ name, fieldId, kind, children }: FileColumn): Known {
  const names: Readonly<Record<string, readonly string[]>> = { list: ["element"], map: ["key", "value"] };
  return {
    name,
    id: fieldId,
    inside: children.map((child, i) => ({ ...fromFile(child), name: names[kind]?.[i] ?? child.name })),
  };
}

/** Iceberg spec, "Name Mapping Serialization": OneCopy writes it with every metadata, with physical names. */
interface Mapping {
  readonly "field-id": number;
  readonly names: readonly string[];
  readonly fields?: readonly Mapping[] | undefined;
}

const mapping: z.ZodType<Mapping> = z.lazy(() =>
  z.object({
    "field-id": z.number().int(),
    names: z.array(z.string()),
    fields: z.array(mapping).optional(),
  }),
);

function mappingOf({ properties, location }: TableMetadata): readonly Known[] {
  try {
    return z
      .array(mapping)
      .parse(JSON.parse(properties["schema.name-mapping.default"] ?? "[]"))
      .map(fromMapping);
  } catch (cause) {
    throw new OneCopyError("table.metadata_damaged", `The name mapping of ${location} cannot be read.`, {
      cause,
    });
  }
}

function refuse(folder: string, why: string): never {
  throw new OneCopyError(
    "table.field_ids_differ",
    `Iceberg's readers would get other values than Delta's from ${folder}: ${why}.`,
    {
      remedy:
        "Undo the change of the schema with the engine that made it, or restore the version before; or write all rows again in the same commit (INSERT OVERWRITE, REORG TABLE).",
    },
  );
}

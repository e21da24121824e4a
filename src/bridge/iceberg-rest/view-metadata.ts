import { z } from "zod";
import { JsonNumber, stringifyLossless } from "../../base/index.ts";
import { impossible, malformed } from "./error.ts";

/* Iceberg view spec, version 1. Keys are the specification's; unknown ones are kept. */

const int = z.number().int();
const texts = z.record(z.string().max(1000), z.string().max(1_000_000));

const schema = z.looseObject({
  type: z.literal("struct"),
  "schema-id": int.default(0),
  fields: z.array(z.looseObject({ id: int, name: z.string(), required: z.boolean(), type: z.unknown() })),
});

const representation = z.looseObject({
  type: z.literal("sql", "must be sql"),
  sql: z.string(),
  dialect: z.string().min(1),
});

const viewVersion = z.looseObject({
  "version-id": int,
  "schema-id": int,
  "timestamp-ms": z.number(),
  summary: texts.default({}),
  representations: z.array(representation).min(1),
  "default-catalog": z.string().nullish(),
  "default-namespace": z.array(z.string()),
});

const viewMetadata = z.looseObject({
  "view-uuid": z.uuid(),
  "format-version": z.literal(1),
  location: z.string(),
  schemas: z.array(schema),
  "current-version-id": int,
  versions: z.array(viewVersion),
  "version-log": z.array(z.looseObject({ "version-id": int, "timestamp-ms": z.number() })),
  properties: texts.default({}),
});

export type ViewMetadata = z.output<typeof viewMetadata>;
type ViewVersion = z.output<typeof viewVersion>;
type ViewSchema = z.output<typeof schema>;

export const newView = z.object({
  name: z.string(),
  schema,
  "view-version": viewVersion,
  properties: texts.nullish(),
});

export const viewUpdate = z.discriminatedUnion("action", [
  z.object({ action: z.literal("assign-uuid"), uuid: z.uuid() }),
  z.object({ action: z.literal("upgrade-format-version"), "format-version": int }),
  z.object({ action: z.literal("add-schema"), schema }),
  z.object({ action: z.literal("set-location"), location: z.string() }),
  z.object({ action: z.literal("set-properties"), updates: texts }),
  z.object({ action: z.literal("remove-properties"), removals: z.array(z.string()) }),
  z.object({ action: z.literal("add-view-version"), "view-version": viewVersion }),
  z.object({ action: z.literal("set-current-view-version"), "view-version-id": int }),
]);

export type ViewUpdate = z.output<typeof viewUpdate>;

export const viewRequirement = z.object({ type: z.literal("assert-view-uuid"), uuid: z.string() });

/** `undefined`: it is no metadata of a view. */
export function parseViewMetadata(value: unknown): ViewMetadata | undefined {
  const parsed = viewMetadata.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

export function renderViewMetadata(metadata: ViewMetadata): string {
  return stringifyLossless(metadata);
}

/** A view's first metadata. Its location is not the client's to choose. */
export function firstViewMetadata(
  { schema: wanted, "view-version": version, properties }: z.output<typeof newView>,
  uuid: string,
  location: string,
): ViewMetadata {
  const first: ViewVersion = { ...version, "version-id": 1, "schema-id": 0 };
  refuseSameDialect(first);
  return {
    "view-uuid": uuid,
    "format-version": 1,
    location,
    schemas: [{ ...wanted, "schema-id": 0 }],
    "current-version-id": 1,
    versions: [first],
    "version-log": [{ "version-id": 1, "timestamp-ms": version["timestamp-ms"] }],
    properties: properties ?? {},
  };
}

const lastAdded = -1;
const defaultHistory = 10;

/** The metadata after a client's updates. A view stays where it is, whatever location they say. */
export function changedView(base: ViewMetadata, updates: readonly ViewUpdate[], nowMs: number): ViewMetadata {
  let metadata = base;
  let [schemaId, versionId]: [number?, number?] = [];
  for (const update of updates)
    switch (update.action) {
      case "assign-uuid":
        if (update.uuid.toLowerCase() !== base["view-uuid"].toLowerCase())
          throw malformed("A view's UUID cannot become another one.");
        break;
      case "upgrade-format-version":
        if (update["format-version"] !== 1) throw malformed("Views have format version 1.");
        break;
      case "set-location":
        break;
      case "add-schema":
        [metadata, schemaId] = withSchema(metadata, update.schema);
        break;
      case "set-properties":
        metadata = { ...metadata, properties: { ...metadata.properties, ...update.updates } };
        break;
      case "remove-properties": {
        const kept = Object.entries(metadata.properties).filter(([key]) => !update.removals.includes(key));
        metadata = { ...metadata, properties: Object.fromEntries(kept) };
        break;
      }
      case "add-view-version":
        [metadata, versionId] = withVersion(metadata, update["view-version"], schemaId);
        break;
      case "set-current-view-version": {
        const wanted = update["view-version-id"];
        const id = wanted === lastAdded ? versionId : wanted;
        const version = metadata.versions.find((one) => one["version-id"] === id);
        if (version === undefined) throw malformed(`There is no view version ${id ?? wanted}.`);
        if (version["version-id"] === metadata["current-version-id"]) break;
        const atMs = id === versionId ? version["timestamp-ms"] : nowMs;
        const entry = { "version-id": version["version-id"], "timestamp-ms": atMs };
        metadata = {
          ...metadata,
          "current-version-id": version["version-id"],
          "version-log": [...metadata["version-log"], entry],
        };
      }
    }
  refuseLostDialect(base, metadata);
  return remembered(metadata);
}

function withSchema(metadata: ViewMetadata, wanted: ViewSchema): [ViewMetadata, number] {
  const shape = (one: ViewSchema): string => JSON.stringify(one.fields);
  const same = metadata.schemas.find((one) => shape(one) === shape(wanted));
  if (same !== undefined) return [metadata, same["schema-id"]];
  const id = Math.max(...metadata.schemas.map((one) => one["schema-id"])) + 1;
  return [{ ...metadata, schemas: [...metadata.schemas, { ...wanted, "schema-id": id }] }, id];
}

function withVersion(
  metadata: ViewMetadata,
  wanted: ViewVersion,
  addedSchema: number | undefined,
): [ViewMetadata, number] {
  refuseSameDialect(wanted);
  const schemaId = wanted["schema-id"] === lastAdded ? addedSchema : wanted["schema-id"];
  if (metadata.schemas.every((one) => one["schema-id"] !== schemaId))
    throw malformed(`The view has no schema ${schemaId ?? wanted["schema-id"]}.`);
  const version = { ...wanted, "schema-id": schemaId! };
  const shape = (one: ViewVersion): string =>
    JSON.stringify({ ...one, "version-id": 0, "timestamp-ms": 0 }, (_, inner: unknown) =>
      inner instanceof JsonNumber ? inner.value : inner,
    );
  const same = metadata.versions.find((one) => shape(one) === shape(version));
  if (same !== undefined) return [metadata, same["version-id"]];
  const id = Math.max(...metadata.versions.map((one) => one["version-id"])) + 1;
  return [{ ...metadata, versions: [...metadata.versions, { ...version, "version-id": id }] }, id];
}

function refuseSameDialect({ representations }: ViewVersion): void {
  const seen = new Set<string>();
  for (const { dialect } of representations) {
    const name = dialect.toLowerCase();
    if (seen.has(name))
      throw impossible(`Invalid view version: Cannot add multiple queries for dialect ${name}`);
    seen.add(name);
  }
}

/** An engine whose dialect is gone could not read the view any more: that has to be meant. */
function refuseLostDialect(before: ViewMetadata, after: ViewMetadata): void {
  if (after.properties["replace.drop-dialect.allowed"] === "true") return;
  const of = (view: ViewMetadata): string[] =>
    (
      view.versions.find((one) => one["version-id"] === view["current-version-id"])?.representations ?? []
    ).map(({ dialect }) => dialect.toLowerCase());
  const left = of(after);
  const lost = of(before).find((dialect) => !left.includes(dialect));
  if (lost === undefined) return;
  throw malformed(
    `The view would have no query for the dialect ${lost} any more. Give one, or set the view's property replace.drop-dialect.allowed=true.`,
  );
}

/** As many versions as the view's owner says (`version.history.num-entries`), and the current one. */
function remembered(metadata: ViewMetadata): ViewMetadata {
  const text = metadata.properties["version.history.num-entries"] ?? "";
  const most = /^[1-9]\d{0,3}$/.test(text) ? Number(text) : defaultHistory;
  const newest = [...metadata.versions].sort((a, b) => b["version-id"] - a["version-id"]).slice(0, most);
  const versions = metadata.versions.filter(
    (one) => newest.includes(one) || one["version-id"] === metadata["current-version-id"],
  );
  const known = new Set(versions.map((one) => one["version-id"]));
  return {
    ...metadata,
    versions,
    "version-log": metadata["version-log"].filter((entry) => known.has(entry["version-id"])),
  };
}

import { OneCopyError, idOfText } from "../../base/index.ts";
import { type Dialect, duckdb, spark, trino } from "../../engine/index.ts";
import { POPULATION } from "../../run/index.ts";
import { fieldToIceberg, typeToEngine } from "../../schema/index.ts";
import { viewSql } from "../../segment/index.ts";
import { type Snapshot, icebergLocation, identifyingColumns } from "../../table/index.ts";
import type { BridgeContext, LiveSegments } from "../context.ts";
import { CatalogRefusal, missing } from "./error.ts";
import type { C } from "./request.ts";
import type { ViewMetadata } from "./view-metadata.ts";
import { visibleTables } from "./warehouse.ts";

/** The namespace in which each segment is a view by its name. */
export const SEGMENTS = "segments";

interface Name {
  readonly namespace: string;
  readonly name: string;
}

/**
 * The names of the segments that the client sees as views: none unless it may read the table of all people, since what a
 * view reads is read with the client's own rights. What the client sees in the lake under a segment's name is what the
 * name means: the segment's people as a table, for example, if a share has them (`extracts`).
 */
export async function segmentViews(context: BridgeContext, c: C): Promise<readonly string[]> {
  const live = await context.segments();
  const people = await peopleFor(context, c, live);
  if (people === undefined) return [];
  return Object.keys(live.segments).filter(
    (name) =>
      !people.taken.has(name) && !(metadataOf(context, live, name, people.snapshot) instanceof OneCopyError),
  );
}

/** `undefined`: the client sees no such segment. Fails, when the segment's rule does not fit the people any more. */
export async function segmentView(
  context: BridgeContext,
  c: C,
  { namespace, name }: Name,
): Promise<ViewMetadata | undefined> {
  if (namespace !== SEGMENTS) return undefined;
  const live = await context.segments();
  const wanted = name.toLowerCase();
  if (!Object.hasOwn(live.segments, wanted)) return undefined;
  const people = await peopleFor(context, c, live);
  if (people === undefined || people.taken.has(wanted)) return undefined;
  const metadata = metadataOf(context, live, wanted, people.snapshot);
  if (metadata instanceof OneCopyError)
    throw missing("NoSuchViewException", `View does not exist: ${SEGMENTS}.${wanted}: ${metadata.message}`);
  return metadata;
}

/** Whether the client sees the namespace because of its segments. */
export async function seesSegments(context: BridgeContext, c: C): Promise<boolean> {
  const live = await context.segments();
  const people = await peopleFor(context, c, live);
  return people !== undefined && Object.keys(live.segments).some((name) => !people.taken.has(name));
}

/** Fails when that is a segment: its rule is the configuration's to change. */
export async function refuseSegment(context: BridgeContext, c: C, name: Name): Promise<void> {
  if ((await segmentView(context, c, name)) === undefined) return;
  throw new CatalogRefusal(
    403,
    "ForbiddenException",
    `${name.namespace}.${name.name} is a segment: change its rule in onecopy.yaml, and run \`onecopy apply\`.`,
  );
}

async function peopleFor(context: BridgeContext, c: C, { segments }: LiveSegments) {
  if (Object.keys(segments).length === 0) return undefined;
  const tables = await visibleTables(context, c);
  if (tables.every((table) => `${table.namespace}.${table.name}` !== POPULATION)) return undefined;
  const snapshot = await context.catalog.snapshot(POPULATION);
  if (snapshot === undefined) return undefined;
  const taken = tables.filter(({ namespace }) => namespace === SEGMENTS).map(({ name }) => name);
  return { snapshot, taken: new Set(taken) };
}

/** Iceberg view spec, version 1. The error says why the rule does not fit the table. */
function metadataOf(
  { lake }: BridgeContext,
  { segments, revision, changedAtMs, trinoName }: LiveSegments,
  name: string,
  { schema, properties }: Snapshot,
): ViewMetadata | OneCopyError {
  const { rule, description } = segments[name]!;
  const identifying = identifyingColumns(properties);
  const people = {
    columns: schema.fields.map((field) => ({ name: field.name, type: typeToEngine(field.type) })),
    identifying: schema.fields.map((field) => field.name).filter((one) => identifying.has(one.toLowerCase())),
  };
  const table = POPULATION.split(".");
  // Trino looks for names without a catalog nowhere; the others in the catalog that the view is in.
  const tables: readonly (readonly [Dialect, readonly string[]])[] = [
    [spark, table],
    [trino, [trinoName, ...table]],
    [duckdb, table],
  ];
  let representations: ViewMetadata["versions"][number]["representations"];
  try {
    representations = tables.map(([dialect, parts]) => ({
      type: "sql",
      sql: viewSql(rule, people, parts, dialect),
      dialect: dialect.name,
    }));
  } catch (error) {
    if (error instanceof OneCopyError) return error;
    throw error;
  }
  const at = { "version-id": revision, "timestamp-ms": changedAtMs };
  return {
    "view-uuid": idOfText(`${lake.url} ${SEGMENTS}.${name}`),
    "format-version": 1,
    location: icebergLocation(lake, `_views/${SEGMENTS}/${name}`),
    schemas: [{ type: "struct", "schema-id": 0, fields: schema.fields.map(fieldToIceberg) }],
    "current-version-id": revision,
    versions: [
      {
        ...at,
        "schema-id": 0,
        summary: { "engine-name": "onecopy" },
        representations,
        "default-namespace": [table[0]!],
      },
    ],
    "version-log": [at],
    properties: { ...(description === undefined ? {} : { comment: description }), "onecopy.segment": name },
  };
}

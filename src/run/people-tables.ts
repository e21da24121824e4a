import { type Snapshot, scan } from "../table/index.ts";
import type { RunContext } from "./context.ts";
import { type Derivation, type Derived, bringUpByDifference, bringUpToDate } from "./derive.ts";

export const ASSIGNMENTS = "identity.assignments";
export const RECORDS = "identity.records";
const EDGES = "identity.edges";

/** Rows come and go by deletion vectors: a few changed records do not write all others again. */
const inPlace = { "delta.enableDeletionVectors": "true" };

/** What of a record says something of its person, and the keys. */
const evidence = (columns: readonly string[]): string[] =>
  columns.filter((name) => !/^(no|source|component|marks|same|gender|region|(block|sign)_\d+)$/.test(name));

interface PeopleTable {
  readonly name: string;
  readonly relation: string;
  readonly identifying: readonly string[];
  readonly properties?: Readonly<Record<string, string>>;
}

/** Tables that an increment writes whole too, with the relation of what it found. */
const wholly = [
  ["identity.retired", "identity_retired"],
  ["identity.retired_households", "identity_retired_households"],
  ["identity.households", "identity_households"],
] as const;

/**
 * What the people leave in the lake besides their model, in the order in which it is written: the assignments last, so that a run
 * that is killed before them begins again.
 */
export const peopleTables: readonly string[] = [RECORDS, EDGES, ...wholly.map(([name]) => name), ASSIGNMENTS];

/** Writes all people anew; the outcome is the assignments'. */
export async function writePeople(
  context: RunContext,
  derivation: Omit<Derivation, "query">,
  basedOn: { readonly version: number | undefined },
): Promise<Derived> {
  const { catalog, session } = context;
  const columns = (await session.describe("FROM identity_records")).map(({ name }) => name);
  const tables: readonly PeopleTable[] = [
    { name: RECORDS, relation: "identity_records", identifying: evidence(columns), properties: inPlace },
    { name: EDGES, relation: "identity_edges", identifying: ["left_id", "right_id"], properties: inPlace },
    ...wholly.map(([name, relation]) => ({ name, relation, identifying: [] })),
    { name: ASSIGNMENTS, relation: "identity_assignments", identifying: ["record_id"] },
  ];
  let written: Derived = { kind: "overtaken" };
  for (const { relation, ...table } of tables)
    written = await bringUpToDate(catalog, session, {
      ...derivation,
      ...table,
      query: async () => `FROM ${relation}`,
      ...(table.name === ASSIGNMENTS ? { basedOn } : {}),
    });
  return written;
}

/** The people's tables as an increment found them, by name. */
export type FoundTables = ReadonlyMap<string, Snapshot>;

/** Writes of the people what an increment touched. */
export async function writeTouched(
  context: RunContext,
  derivation: Omit<Derivation, "query">,
  found: FoundTables,
  why: string,
): Promise<Derived> {
  const { catalog, session } = context;
  await session.run(`
    CREATE OR REPLACE TEMP TABLE identity_edge_before AS
    SELECT ${ends}, weight, probability FROM ${await scan(session, found.get(EDGES)!)} SEMI JOIN identity_before b ON left_source = b.source AND left_id = b.record_id;
    CREATE OR REPLACE TEMP TABLE identity_changed_same AS
    SELECT same FROM identity_records SEMI JOIN identity_changed USING (no)
    UNION SELECT same FROM ${await scan(session, found.get(RECORDS)!)} SEMI JOIN identity_left USING (no);
    CREATE OR REPLACE TEMP TABLE identity_changed_record AS
    SELECT source, record_id FROM identity_records SEMI JOIN identity_changed_same USING (same)`);
  const differences = [
    { name: RECORDS, on: ["no"], query: recordsDifference },
    { name: EDGES, on: ["left_source", "left_id", "right_source", "right_id"], query: edgesDifference },
  ];
  for (const { name, on, query } of differences) {
    const written = await bringUpByDifference(
      catalog,
      session,
      { ...derivation, name, on, deleteColumn: gone, basedOn: found.get(name)!, query: async () => query },
      why,
    );
    if (written.kind === "overtaken") return written;
  }
  for (const [name, relation] of wholly) {
    const basedOn = found.get(name)!;
    const written = await bringUpToDate(catalog, session, {
      ...derivation,
      name,
      basedOn,
      query: async () => `FROM ${relation}`,
    });
    if (written.kind === "overtaken") return written;
  }
  return await bringUpByDifference(
    catalog,
    session,
    {
      ...derivation,
      name: ASSIGNMENTS,
      on: ["source", "record_id"],
      deleteColumn: gone,
      basedOn: found.get(ASSIGNMENTS)!,
      query: async () => assignmentsDifference,
    },
    why,
  );
}

const gone = "__onecopy_gone";

const recordsDifference = `
  SELECT n.*, false AS ${gone} FROM identity_records n LEFT JOIN identity_before b USING (no)
  WHERE b.no IS NULL OR no IN (FROM identity_changed) OR n.component <> b.component
  UNION ALL BY NAME SELECT no, true AS ${gone} FROM identity_before ANTI JOIN identity_records USING (no)`;

const ends = "left_source, left_id, right_source, right_id";

// What an edge says goes by its two records and those that say the very same: where none of these changed it is the same, if its weight is.
const edgesDifference = `
  SELECT n.*, false AS ${gone} FROM identity_edges n LEFT JOIN identity_edge_before b USING (${ends})
  WHERE n.weight IS DISTINCT FROM b.weight OR n.probability IS DISTINCT FROM b.probability
    OR (left_source, left_id) IN (SELECT (source, record_id) FROM identity_changed_record)
    OR (right_source, right_id) IN (SELECT (source, record_id) FROM identity_changed_record)
  UNION ALL BY NAME SELECT ${ends}, true AS ${gone} FROM identity_edge_before ANTI JOIN identity_edges USING (${ends})`;

const assignmentsDifference = `
  SELECT n.*, false AS ${gone} FROM identity_assignments n LEFT JOIN identity_before b USING (source, record_id)
  WHERE n.profile_id IS DISTINCT FROM b.profile_id OR n.first_seen IS DISTINCT FROM b.first_seen
  UNION ALL BY NAME SELECT source, record_id, true AS ${gone} FROM identity_before ANTI JOIN identity_assignments USING (source, record_id)`;

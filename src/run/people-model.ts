import type { KnownModel, Resolution } from "../identity/index.ts";
import type { Catalog } from "../catalog/index.ts";
import { type Snapshot, scan } from "../table/index.ts";
import type { RunContext } from "./context.ts";
import { type Derivation, type InputTable, bringUpToDate, isMadeBy } from "./derive.ts";
import type { PreparedSource } from "./prepared-source.ts";

export const MODEL = "identity.model";

/** The tables of a model, in the order in which they are written: a model is whole when all are of one training. */
const TABLES = [
  { name: "identity.learned", of: "learned", identifying: ["value", "meaning"] },
  { name: "identity.blocks", of: "blocks", identifying: [] },
  { name: "identity.shared_values", of: "sharedValues", identifying: ["value"] },
  { name: MODEL, of: "model", identifying: [] },
] as const;

/** A model that is in the lake. */
export interface StoredModel extends KnownModel {
  readonly input: InputTable;
}

/** The model, where there is a whole one that was trained by this rule on these tables, at whatever versions. */
export async function storedModel(
  { catalog, session }: Pick<RunContext, "catalog" | "session">,
  derivation: Omit<Derivation, "query">,
): Promise<StoredModel | undefined> {
  const snapshots = new Map<string, Snapshot>();
  for (const { name } of TABLES) {
    const snapshot = await catalog.snapshot(name);
    const first = snapshots.get(TABLES[0].name) ?? snapshot;
    if (!isMadeBy(derivation, snapshot?.provenance, first?.provenance)) return undefined;
    snapshots.set(name, snapshot!);
  }
  const relation = async (name: string): Promise<string> => await scan(session, snapshots.get(name)!);
  const { tableId, rowsVersion } = snapshots.get(MODEL)!;
  return {
    input: { tableId, version: rowsVersion },
    model: await relation(MODEL),
    learned: await relation("identity.learned"),
    sharedValues: await relation("identity.shared_values"),
  };
}

/** Which model there is. */
export interface ModelStatus {
  readonly version: number;
  /** null: the log does not reach back so far. */
  readonly trainedAt: string | null;
  /** Why it was trained. */
  readonly why: string;
}

/** Which model the people were resolved by last; undefined before the first run. */
export async function modelStatus(catalog: Catalog): Promise<ModelStatus | undefined> {
  const snapshot = await catalog.snapshot(MODEL);
  if (snapshot?.provenance === undefined) return undefined;
  const { version, rowsVersion, timestampMs, provenance } = snapshot;
  const trainedMs = version === rowsVersion ? timestampMs : await committedMs(catalog, rowsVersion);
  return {
    version: rowsVersion,
    trainedAt: trainedMs === undefined ? null : new Date(trainedMs).toISOString(),
    why: provenance.reason ?? "",
  };
}

async function committedMs(catalog: Catalog, version: number): Promise<number | undefined> {
  const table = await catalog.find(MODEL);
  for (const entry of (await table?.history()) ?? [])
    if (entry.version === version) return entry.committedAtMs;
  return undefined;
}

/** Writes the model that a resolution trained, for the reason `why`. */
export async function writeModelTables(
  { catalog, session }: Pick<RunContext, "catalog" | "session">,
  derivation: Omit<Derivation, "query">,
  { tables }: Resolution,
  why: string,
): Promise<InputTable> {
  for (const { name, of, identifying } of TABLES)
    await bringUpToDate(catalog, session, {
      ...derivation,
      name,
      identifying,
      why,
      query: async () => `FROM ${tables[of]}`,
    });
  const { tableId, rowsVersion } = (await catalog.snapshot(MODEL))!;
  return { tableId, version: rowsVersion };
}

/** What a model is made of, at the sources' versions. */
export function modelDerivation(
  sources: readonly PreparedSource[],
  rule: unknown,
): Omit<Derivation, "query"> {
  return {
    name: MODEL,
    inputs: Object.fromEntries(sources.map((source) => [source.relationName, source])),
    rule,
    identifying: [],
  };
}

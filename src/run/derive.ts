import { OneCopyError, canonicalJson, sha256 } from "../base/index.ts";
import type { Catalog } from "../catalog/index.ts";
import type { Session } from "../engine/index.ts";
import { schemaOf } from "../schema/index.ts";
import { type Provenance, type Table, propertyIdentifying } from "../table/index.ts";

/**
 * The rows of one table: a table that was put in the place of another may have the same version numbers, and versions
 * that only maintenance made are those before them (`Snapshot.rowsVersion`).
 */
export interface InputTable {
  readonly tableId: string;
  readonly version: number;
}

/** A table that a rule makes from other tables. */
export interface Derivation {
  readonly name: string;
  /** What it is made from, by name. */
  readonly inputs: Readonly<Record<string, InputTable>>;
  /** Whatever decides the result besides the inputs; hashed. */
  readonly rule: unknown;
  /** Present where the rule depends on the day. */
  readonly asOf?: string;
  readonly identifying: readonly string[];
  /** Where the query itself was made from a version of the table: the write holds for no other. undefined: for no table. */
  readonly basedOn?: { readonly version: number | undefined };
  /** Why it is made, where more is known of it than that an input changed. */
  readonly why?: string;
  /** Properties that the table gets when it is made. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Asked for only when the table is out of date. */
  query(): Promise<string>;
}

/** A table of which a rule makes only what changed. */
export interface Difference extends Derivation {
  /** The version that the query was made from. */
  readonly basedOn: { readonly version: number };
  /** Columns that tell its rows apart; of the query the rows that are new or others than before. */
  readonly on: readonly string[];
  /** A BOOLEAN column of the query: where it is true, the row goes. */
  readonly deleteColumn: string;
}

export type Derived =
  | { readonly kind: "unchanged"; readonly version: number }
  /** Somebody else committed after the version that the query was based on. */
  | { readonly kind: "overtaken" }
  | { readonly kind: "written"; readonly version: number; readonly rows: number; readonly why: string };

const ATTEMPTS = 5;

/**
 * Writes a derived table if its newest commit was made from other inputs, by another rule or for another day. What
 * another run made from newer inputs meanwhile is left alone: it never goes backwards. The write holds only for the
 * version that was judged; when somebody else commits in between, the table is judged again.
 */
export async function bringUpToDate(
  catalog: Catalog,
  session: Session,
  derivation: Derivation,
): Promise<Derived> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const existing = await catalog.find(derivation.name);
    const judged = await existing?.snapshot();
    if (derivation.basedOn !== undefined && derivation.basedOn.version !== judged?.version) {
      return { kind: "overtaken" };
    }
    const why = staleness(derivation, judged?.provenance);
    if (judged !== undefined && (why === undefined || isSuperseded(derivation, judged.provenance))) {
      return { kind: "unchanged", version: judged.version };
    }
    const query = await derivation.query();
    const fitted = await fit(catalog, session, derivation, query, existing, judged?.version);
    if (fitted === undefined) continue;
    const outcome = await fitted.table.write(session, {
      mode: "overwrite",
      query,
      provenance: provenanceOf(derivation, derivation.why ?? why ?? ""),
      onlyIf: fitted.version,
    });
    if (outcome.kind === "committed") {
      return { kind: "written", version: outcome.version, rows: outcome.rows, why: why ?? "" };
    }
  }
  throw new OneCopyError(
    "run.contended",
    `${derivation.name} was changed by somebody else ${ATTEMPTS} times while it was being written.`,
    { remedy: "See who writes it with `onecopy audit`; derived tables belong to OneCopy alone." },
  );
}

/** Merges what changed into a derived table; `overtaken`: somebody else changed it since it was looked at. */
export async function bringUpByDifference(
  catalog: Catalog,
  session: Session,
  difference: Difference,
  why: string,
): Promise<Derived> {
  const table = await catalog.find(difference.name);
  const { version } = difference.basedOn;
  if (table === undefined || (await table.snapshot()).version !== version) return { kind: "overtaken" };
  const outcome = await table.merge(session, {
    query: await difference.query(),
    on: difference.on,
    deleteColumn: difference.deleteColumn,
    provenance: provenanceOf(difference, why),
    onlyIf: version,
  });
  return outcome.kind === "committed"
    ? { kind: "written", version: outcome.version, rows: outcome.rows, why }
    : { kind: "overtaken" };
}

/** Why a table is out of date; undefined when it is not. */
export function staleness(
  derivation: Omit<Derivation, "query">,
  made: Provenance | undefined,
): string | undefined {
  if (made === undefined) return "never made before";
  const wanted = provenanceOf(derivation, "");
  if (isSameMaking(made, wanted)) return undefined;
  const changed = Object.entries(wanted.inputs).flatMap(([name, version]) => {
    const before = made.inputs[name];
    if (before === version) return [];
    return [before === undefined ? `${name} is new` : `${name} changed (version ${before} → ${version})`];
  });
  const gone = Object.keys(made.inputs).filter((name) => !(name in wanted.inputs));
  const reasons = [...changed, ...gone.map((name) => `${name} is gone`)];
  if (made.rule !== wanted.rule) reasons.push("the rule changed, or an input is another table");
  if (made.asOf !== wanted.asOf) reasons.push(`a new day (${wanted.asOf ?? "none"})`);
  return reasons.join(", ");
}

function isSameMaking(a: Provenance, b: Provenance): boolean {
  return canonicalJson({ ...a, reason: "" }) === canonicalJson({ ...b, reason: "" });
}

/** Whether a table was made by the rule from these tables, at whatever versions, and from the same as another one was. */
export function isMadeBy(
  derivation: Omit<Derivation, "query">,
  made: Provenance | undefined,
  other: Provenance | undefined,
): boolean {
  const wanted = provenanceOf(derivation, "");
  return made !== undefined && other !== undefined && made.rule === wanted.rule && isSameMaking(made, other);
}

/** Whether a table was made by the rule from the same tables, at whatever versions and for whatever day. */
export function isRuleOf(derivation: Omit<Derivation, "query">, made: Provenance): boolean {
  return made.rule === provenanceOf(derivation, "").rule;
}

/** Whether a table was made by the same rule from inputs of which none is older and one is newer. */
export function isSuperseded(derivation: Omit<Derivation, "query">, made: Provenance | undefined): boolean {
  const wanted = provenanceOf(derivation, "");
  if (made === undefined || made.rule !== wanted.rule) return false;
  const lead = Object.entries(wanted.inputs).map(([name, version]) => (made.inputs[name] ?? -1) - version);
  return lead.every((versions) => versions >= 0) && lead.some((versions) => versions > 0);
}

function provenanceOf(derivation: Omit<Derivation, "query">, reason: string): Provenance {
  const inputs = Object.entries(derivation.inputs);
  const tables = inputs.map(([name, { tableId }]) => [name, tableId] as const);
  return {
    inputs: Object.fromEntries(inputs.map(([name, { version }]) => [name, version])),
    rule: sha256(canonicalJson({ rule: derivation.rule, tables: Object.fromEntries(tables) })),
    ...(derivation.asOf === undefined ? {} : { asOf: derivation.asOf }),
    reason,
  };
}

/**
 * The table, created or given the columns that the query has and it has not, and the version that it then has.
 * Undefined when somebody else changed it meanwhile.
 */
async function fit(
  catalog: Catalog,
  session: Session,
  derivation: Derivation,
  query: string,
  existing: Table | undefined,
  judgedVersion: number | undefined,
): Promise<{ readonly table: Table; readonly version: number } | undefined> {
  const wanted = schemaOf(await session.describe(query));
  const properties = {
    ...derivation.properties,
    [propertyIdentifying]: JSON.stringify(derivation.identifying),
  };
  const table = existing ?? (await catalog.create(derivation.name, { schema: wanted, properties }));
  const { provenance, schema, version } = await table.snapshot();
  // Made by somebody else since: judge again.
  if (existing === undefined ? provenance !== undefined : version !== judgedVersion) return undefined;
  const present = new Set(schema.fields.map((field) => field.name));
  const missing = wanted.fields.filter((field) => !present.has(field.name));
  if (missing.length === 0) return { table, version };
  const identifying = new Set(derivation.identifying);
  const added = await table.evolve(
    session,
    missing.map(({ name, type }) => ({
      kind: "add",
      path: [name],
      type,
      identifying: identifying.has(name),
    })),
  );
  return added.kind === "committed" && added.version === version + 1
    ? { table, version: added.version }
    : undefined;
}

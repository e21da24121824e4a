import { OneCopyError, canonicalJson, sha256 } from "../base/index.ts";
import type { Catalog } from "../catalog/index.ts";
import type { Session } from "../engine/index.ts";
import { schemaOf } from "../schema/index.ts";
import { type Provenance, type Table, propertyIdentifying } from "../table/index.ts";

/** A table that a rule makes from other tables. */
export interface Derivation {
  readonly name: string;
  /** Versions of what it is made from, by name. */
  readonly inputs: Readonly<Record<string, number>>;
  /** Whatever decides the result besides the inputs; hashed. */
  readonly rule: unknown;
  /** Present where the rule depends on the day. */
  readonly asOf?: string;
  readonly identifying: readonly string[];
  /** Asked for only when the table is out of date. */
  query(): Promise<string>;
}

export type Derived =
  | { readonly kind: "unchanged"; readonly version: number }
  | { readonly kind: "written"; readonly version: number; readonly rows: number; readonly why: string };

const ATTEMPTS = 5;

/**
 * Writes a derived table if its newest commit was made from other inputs, by another rule or for another day.
 * When another process writes it at the same moment, looks again whether it is still out of date.
 */
export async function bringUpToDate(
  catalog: Catalog,
  session: Session,
  derivation: Derivation,
): Promise<Derived> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const existing = await catalog.find(derivation.name);
    const snapshot = await existing?.snapshot();
    const why = staleness(derivation, snapshot?.provenance);
    if (snapshot !== undefined && why === undefined) return { kind: "unchanged", version: snapshot.version };

    const query = await derivation.query();
    const table = await fitted(catalog, session, derivation, query, existing);
    const { version } = await table.snapshot();
    const outcome = await table.write(session, {
      mode: "overwrite",
      query,
      provenance: provenanceOf(derivation, why ?? ""),
      onlyIf: version,
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

/** Why a table is out of date; undefined when it is not. */
export function staleness(
  derivation: Omit<Derivation, "query">,
  made: Provenance | undefined,
): string | undefined {
  if (made === undefined) return "never made before";
  const wanted = provenanceOf(derivation, "");
  const changed = Object.entries(wanted.inputs).flatMap(([name, version]) => {
    const before = made.inputs[name];
    if (before === version) return [];
    return [before === undefined ? `${name} is new` : `${name} changed (version ${before} → ${version})`];
  });
  const gone = Object.keys(made.inputs).filter((name) => !(name in wanted.inputs));
  const reasons = [...changed, ...gone.map((name) => `${name} is gone`)];
  if (made.rule !== wanted.rule) reasons.push("the rule changed");
  if (made.asOf !== wanted.asOf) reasons.push(`a new day (${wanted.asOf ?? "none"})`);
  return reasons.length === 0 ? undefined : reasons.join(", ");
}

function provenanceOf(derivation: Omit<Derivation, "query">, reason: string): Provenance {
  return {
    inputs: derivation.inputs,
    rule: sha256(canonicalJson(derivation.rule)),
    ...(derivation.asOf === undefined ? {} : { asOf: derivation.asOf }),
    reason,
  };
}

/** The table, created or given the columns that the query has and it has not. */
async function fitted(
  catalog: Catalog,
  session: Session,
  derivation: Derivation,
  query: string,
  existing: Table | undefined,
): Promise<Table> {
  const wanted = schemaOf(await session.describe(query));
  const table =
    existing ??
    (await catalog.create(derivation.name, {
      schema: wanted,
      properties: { [propertyIdentifying]: JSON.stringify(derivation.identifying) },
    }));
  const { schema } = await table.snapshot();
  const present = new Set(schema.fields.map((field) => field.name));
  const missing = wanted.fields.filter((field) => !present.has(field.name));
  const identifying = new Set(derivation.identifying);
  if (missing.length > 0) {
    await table.addColumns(missing.map((field) => ({ ...field, identifying: identifying.has(field.name) })));
  }
  return table;
}

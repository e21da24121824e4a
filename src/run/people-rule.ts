import type { Catalog } from "../catalog/index.ts";
import { LINKS } from "../identity/index.ts";
import type { Revision } from "../project/index.ts";
import type { RunContext } from "./context.ts";
import { type Derivation, type InputTable, staleness } from "./derive.ts";
import { MODEL, type StoredModel, modelDerivation, storedModel } from "./people-model.ts";
import { ASSIGNMENTS, peopleTables } from "./people-tables.ts";
import type { PreparedSource } from "./prepared-source.ts";

/** What the people are made from: the sources, what stewards decided and the model; and by which rule. */
export function peopleDerivation(
  { revision }: Pick<RunContext, "revision">,
  sources: readonly PreparedSource[],
  links: InputTable | undefined,
  model: InputTable | undefined,
): Omit<Derivation, "query"> {
  return {
    name: ASSIGNMENTS,
    inputs: {
      ...Object.fromEntries(sources.map((source) => [source.relationName, source])),
      ...(links === undefined ? {} : { [LINKS]: links }),
      ...(model === undefined ? {} : { [MODEL]: model }),
    },
    rule: peopleRule(revision, sources),
    identifying: [],
  };
}

/** undefined: no steward has decided anything yet. */
export async function linksInput(catalog: Catalog): Promise<InputTable | undefined> {
  const links = await catalog.snapshot(LINKS);
  return links === undefined ? undefined : { tableId: links.tableId, version: links.rowsVersion };
}

/**
 * Why the people are out of date; undefined when they are not. All tables must come from one resolution: of two
 * runs at once, or one that was killed, some may be of another.
 */
export async function peopleStaleness(
  context: Pick<RunContext, "catalog" | "session" | "revision">,
  sources: readonly PreparedSource[],
): Promise<string | undefined> {
  const model = await storedModel(context, modelDerivation(sources, modelRule(sources)));
  const derivation = peopleDerivation(context, sources, await linksInput(context.catalog), model?.input);
  return await whyStale(context.catalog, derivation, model);
}

/** The same by the model that there is. */
export async function whyStale(
  catalog: Catalog,
  derivation: Omit<Derivation, "query">,
  model: StoredModel | undefined,
): Promise<string | undefined> {
  for (const name of [...peopleTables].reverse()) {
    const made = (await catalog.snapshot(name))?.provenance;
    const why = staleness(derivation, made);
    if (why !== undefined) return name === ASSIGNMENTS ? why : `${name} is of another resolution`;
  }
  return model === undefined ? "the model is not whole" : undefined;
}

/** Raised when the same records would give other people, so that they are resolved again. */
const ALGORITHM = 9;

function peopleRule({ config }: Revision, sources: readonly PreparedSource[]): unknown {
  const { trusted, separate, matching } = config.identity;
  return {
    ...modelRule(sources),
    ...(trusted.length === 0 ? {} : { trusted }),
    ...(separate.length === 0 ? {} : { separate }),
    ...(matching === "balanced" ? {} : { matching }),
  };
}

/** By which rule a model is trained: for other sources, keys or tags it is another one. */
export function modelRule(sources: readonly PreparedSource[]): {
  readonly algorithm: number;
  readonly sources: unknown;
} {
  return {
    algorithm: ALGORITHM,
    sources: sources.map(({ name, idColumn, tags }) => ({ name, idColumn, tags })),
  };
}

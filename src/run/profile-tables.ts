import { OneCopyError } from "../base/index.ts";
import { profileTables } from "../profile/index.ts";
import { scan } from "../table/index.ts";
import type { RunContext } from "./context.ts";
import type { Derivation, InputTable } from "./derive.ts";
import type { PreparedSource } from "./prepared-source.ts";

interface NamedDerivation {
  readonly name: string;
  /** Looked at when its turn comes, since the tables before it may get new versions. */
  of(): Promise<Derivation>;
}

/** The unified model's tables as derivations from the sources and from one another. */
export function profileDerivations(
  context: Pick<RunContext, "catalog" | "session" | "asOf" | "revision">,
  sources: readonly PreparedSource[],
): NamedDerivation[] {
  return profileTables(context.revision.config.profile, sources).map((table) => ({
    name: table.name,
    of: async () => {
      const inputs = await Promise.all(
        table.inputs.map((name) => inputOf(context, sources, name, table.name)),
      );
      return {
        name: table.name,
        inputs: Object.fromEntries(inputs.map((input) => [input.name, input])),
        rule: table.rule,
        identifying: table.identifying,
        ...(table.timeDependent ? { asOf: context.asOf } : {}),
        query: async () => {
          const relations = inputs.map(async ({ name, relation }) => [name, await relation()] as const);
          return table.sql(Object.fromEntries(await Promise.all(relations)), context.asOf);
        },
      };
    },
  }));
}

async function inputOf(
  { catalog, session }: Pick<RunContext, "catalog" | "session">,
  sources: readonly PreparedSource[],
  name: string,
  of: string,
): Promise<InputTable & { name: string; relation: () => Promise<string> }> {
  const source = sources.find(({ relationName }) => relationName === name);
  if (source !== undefined) return { ...source, name };
  const snapshot = await catalog.snapshot(name);
  if (snapshot !== undefined) {
    const { tableId, rowsVersion } = snapshot;
    return { tableId, version: rowsVersion, name, relation: () => scan(session, snapshot) };
  }
  throw new OneCopyError("run.input_missing", `${of} is made from ${name}, which is not there yet.`, {
    remedy: "See why it could not be made: it failed before, in this run.",
  });
}

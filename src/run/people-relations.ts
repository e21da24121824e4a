import type { IdentityInput, Matching } from "../identity/index.ts";
import { scan } from "../table/index.ts";
import { rememberedSources } from "./remembered-tags.ts";
import { inputOf } from "./source-changes.ts";
import type { Workspace } from "./workspace.ts";

/** The people of a project as the last run left them: relations as the tables of `identity` have them. */
export interface PeopleRelations {
  readonly inputs: readonly IdentityInput[];
  readonly assignments: string;
  readonly edges: string;
  readonly model: string;
  readonly learned: string;
  readonly matching: Matching;
  readonly blocks: string;
  readonly sharedValues: string;
  readonly retired: string;
}

/** undefined: nobody was resolved yet, or a source changed since. */
export async function peopleRelations(
  workspace: Pick<Workspace, "catalog" | "project" | "revision" | "session">,
): Promise<PeopleRelations | undefined> {
  const { catalog, session, revision } = workspace;
  const sources = await rememberedSources(workspace);
  if (sources === undefined) return undefined;
  const names = ["assignments", "edges", "model", "learned", "blocks", "shared_values", "retired"] as const;
  const found = new Map<string, string>();
  for (const name of names) {
    const snapshot = await catalog.snapshot(`identity.${name}`);
    if (snapshot === undefined) return undefined;
    found.set(name, await scan(session, snapshot));
  }
  const relation = (name: (typeof names)[number]): string => found.get(name)!;
  return {
    inputs: await Promise.all(sources.map(inputOf)),
    assignments: relation("assignments"),
    edges: relation("edges"),
    model: relation("model"),
    learned: relation("learned"),
    matching: revision.config.identity.matching,
    blocks: relation("blocks"),
    sharedValues: relation("shared_values"),
    retired: relation("retired"),
  };
}

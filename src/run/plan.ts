import { openMount } from "../catalog/index.ts";
import { pendingFiles } from "../source/index.ts";
import { staleness } from "./derive.ts";
import { profileDerivations } from "./profile-tables.ts";
import { rememberedSources } from "./remembered-tags.ts";
import { ASSIGNMENTS, peopleRule } from "./resolve-people.ts";
import { today } from "./run.ts";
import type { Workspace } from "./workspace.ts";

/** Something that is out of date, and why. */
export interface PlannedStep {
  readonly target: string;
  readonly why: string;
}

/**
 * What the next run begins with; nothing is changed. What depends on these is out of date with them, and is named
 * only where it is so for a reason of its own.
 */
export async function planProject(workspace: Workspace): Promise<PlannedStep[]> {
  const { catalog, project, revision } = workspace;
  const planned: PlannedStep[] = [];
  for (const [name, config] of Object.entries(revision.config.sources)) {
    if ("files" in config) {
      const files = await pendingFiles({ catalog, name, config, baseFolder: project.folder });
      if (files.length > 0)
        planned.push({
          target: name,
          why: files.length === 1 ? "1 file is new or changed" : `${files.length} files are new or changed`,
        });
    } else {
      await openMount({ delta: config.delta }, project.folder).catch((error: Error) =>
        planned.push({ target: name, why: `can't be read: ${error.message}` }),
      );
    }
  }
  const sources = await rememberedSources(workspace);
  if (sources === undefined) {
    if (Object.keys(revision.config.sources).length > 0)
      planned.push({ target: "people", why: "a source, or what its columns mean, changed" });
    return planned;
  }
  const people = await (await catalog.find(ASSIGNMENTS))?.snapshot();
  const why = staleness(
    {
      name: ASSIGNMENTS,
      inputs: Object.fromEntries(sources.map((source) => [source.relationName, source.version])),
      rule: peopleRule(sources),
      identifying: [],
    },
    people?.provenance,
  );
  if (why !== undefined) return [...planned, { target: "people", why }];
  for (const { name, of } of profileDerivations({ catalog, revision, asOf: today() }, sources)) {
    const table = await (await catalog.find(name))?.snapshot();
    const derivation = await of().catch(() => undefined);
    if (derivation === undefined) break;
    const reason = staleness(derivation, table?.provenance);
    if (reason !== undefined) planned.push({ target: name, why: reason });
  }
  return planned;
}

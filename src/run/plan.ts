import { lastDeliveries, syncStaleness } from "../activation/index.ts";
import { messageOf, systemClock } from "../base/index.ts";
import { mountState } from "../catalog/index.ts";
import { type SourceConfig, pendingFiles } from "../source/index.ts";
import { definitionsOf } from "./deliver-sync.ts";
import { staleness } from "./derive.ts";
import { plannedExtracts } from "./extracts.ts";
import { POPULATION } from "./population.ts";
import { profileDerivations } from "./profile-tables.ts";
import { rememberedSources } from "./remembered-tags.ts";
import { peopleStaleness } from "./people-rule.ts";
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
  const { catalog, session, revision } = workspace;
  const planned: PlannedStep[] = [];
  for (const [name, config] of Object.entries(revision.config.sources)) {
    const why = await sourceStaleness(workspace, name, config).catch(
      (error: unknown) => `can't be read: ${messageOf(error)}`,
    );
    if (why !== undefined) planned.push({ target: name, why });
  }
  const sources = await rememberedSources(workspace);
  if (sources === undefined) {
    if (Object.keys(revision.config.sources).length > 0)
      planned.push({ target: "people", why: "a source, or what its columns mean, changed" });
    return planned;
  }
  const why = await peopleStaleness(workspace, sources);
  if (why !== undefined) return [...planned, { target: "people", why }];
  for (const { name, of } of profileDerivations({ catalog, session, revision, asOf: today() }, sources)) {
    const table = await catalog.snapshot(name);
    const derivation = await of().catch(() => undefined);
    if (derivation === undefined) break;
    const reason = staleness(derivation, table?.provenance);
    if (reason !== undefined) planned.push({ target: name, why: reason });
  }
  const extracts = await plannedExtracts({ catalog, session, revision, asOf: today(), clock: systemClock });
  return [...planned, ...extracts, ...(await plannedSyncs(workspace))];
}

async function sourceStaleness(
  { catalog, project }: Workspace,
  name: string,
  config: SourceConfig,
): Promise<string | undefined> {
  if (!("files" in config)) {
    await mountState(config, project.folder);
    return undefined;
  }
  const files = await pendingFiles({ catalog, name, config, baseFolder: project.folder });
  if (files.length === 0) return undefined;
  return files.length === 1 ? "1 file is new or changed" : `${files.length} files are new or changed`;
}

/** Syncs that changed themselves; what changed about the people shows in their tables. */
async function plannedSyncs({ catalog, project, revision, session }: Workspace): Promise<PlannedStep[]> {
  if ((await catalog.find(POPULATION)) === undefined) return [];
  const last = await lastDeliveries(session, catalog);
  const planned = Object.keys(revision.config.syncs).map(async (target) => {
    const definition = await definitionsOf(project, revision, target)(revision.number);
    if (definition === undefined) return [];
    const why = syncStaleness(last.get(target), definition);
    return why === undefined ? [] : [{ target, why }];
  });
  return (await Promise.all(planned)).flat();
}

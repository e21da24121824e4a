import { type MountState, mountState } from "../catalog/index.ts";
import { type LoadOutcome, type SourceConfig, loadDrop, sourceRelations } from "../source/index.ts";
import { type RunContext, type StepResult, step } from "./context.ts";
import type { PreparedSource } from "./prepared-source.ts";
import { rememberTags, rememberedSources, rowsSince, standingSources } from "./remembered-tags.ts";
import type { Step } from "./step.ts";
import { rememberedIdColumns, rowsOf } from "./tags-table.ts";

export interface PreparedSources {
  readonly steps: Step[];
  readonly sources: readonly PreparedSource[];
  /** Tables that a share has now and that were never used: one that cannot be used holds up nobody. */
  readonly newcomers: ReadonlySet<string>;
}

/** Loads the file drops, looks at the mounts, and finds out what the columns mean where a source changed since that was last done. */
export async function prepareSources(context: RunContext): Promise<PreparedSources> {
  const configured = Object.entries(context.revision.config.sources);
  const steps: Step[] = [];
  const mounts = new Map<string, MountState>();
  for (const [name, config] of configured) {
    steps.push(await step(context, "source", name, () => bringIn(context, name, config, mounts)));
  }
  const remembered = await rememberedSources(context, mounts);
  const before = await rememberedIdColumns(context);
  const newcomers = new Set([...context.found].filter((name) => !before.has(name)));
  if (remembered !== undefined) return { steps, sources: remembered, newcomers };

  let sources: readonly PreparedSource[] = [];
  const tags = await step(context, "source", "tags", async () => {
    const standing = await standingSources(context, mounts);
    if (standing !== undefined) {
      const { version, rows } = standing.written;
      sources = standing.sources;
      return { action: "done", why: "few rows changed, and no column: the tags stand", version, rows };
    }
    const found = await sourceRelations({
      session: context.session,
      catalog: context.catalog,
      baseFolder: context.project.folder,
      sources: context.revision.config.sources,
    });
    for (const { name, error } of found.failed) {
      if (steps.some((earlier) => earlier.target === name && earlier.action === "failed")) continue;
      const remedy = error.remedy === undefined ? "" : ` ${error.remedy}`;
      steps.push(
        await step(context, "source", name, () =>
          Promise.resolve({ action: "failed", why: `${error.message}${remedy}` }),
        ),
      );
    }
    const since = await rowsSince(context, found.ready, mounts);
    sources = found.ready.map((source) => ({
      ...source,
      version: since.get(source.name)!,
      relation: () => Promise.resolve(source.relation),
    }));
    const isComplete = found.ready.length > 0 && found.failed.every(({ name }) => newcomers.has(name));
    const written = isComplete
      ? await rememberTags(context, found.ready, rowsOf(found.ready, since))
      : undefined;
    return written === undefined
      ? { action: "unchanged", why: "not remembered, since a source failed" }
      : {
          action: "done",
          why: written.why,
          version: written.version,
          rows: written.rows,
          ...keyAlerts(before, found.ready),
        };
  });
  return { steps: [...steps, tags], sources, newcomers };
}

/** A key that is none any more gives every record of its source another id, and its people perhaps too. */
function keyAlerts(
  before: ReadonlyMap<string, string>,
  sources: readonly Pick<PreparedSource, "name" | "idColumn">[],
): { readonly alerts?: readonly string[] } {
  const alerts = sources.flatMap(({ name, idColumn }) => {
    const old = before.get(name);
    return old === undefined || old === idColumn
      ? []
      : [
          `records of ${name} were told apart by ${old} and are now by ${idColumn}: is a value of ${old} empty, or there twice?`,
        ];
  });
  return alerts.length === 0 ? {} : { alerts };
}

async function bringIn(
  context: RunContext,
  name: string,
  config: SourceConfig,
  mounts: Map<string, MountState>,
): Promise<StepResult> {
  if (!("files" in config)) {
    const state = await mountState(config, context.project.folder);
    mounts.set(name, state);
    return { action: "unchanged", why: "mounted, read in place", version: state.version };
  }
  const loaded = await loadDrop({
    session: context.session,
    catalog: context.catalog,
    name,
    config,
    baseFolder: context.project.folder,
    report: ({ file, number, of }) =>
      context.report({ kind: "progress", target: name, note: `${file} (${number} of ${of})` }),
    ...(context.signal === undefined ? {} : { signal: context.signal }),
  });
  const alerts = alertsOf(loaded, name);
  const taken = loaded.files.some(({ outcome }) => outcome === "loaded" || outcome === "replaced");
  return {
    action: taken ? "done" : "unchanged",
    why: taken ? whatWasLoaded(loaded) : `${loaded.matched} files, none of them new`,
    ...(loaded.version === undefined ? {} : { version: loaded.version }),
    ...(taken ? { rows: loaded.rows } : {}),
    ...(alerts.length === 0 ? {} : { alerts }),
  };
}

function whatWasLoaded({ files, matched }: LoadOutcome): string {
  const replaced = files.filter((file) => file.outcome === "replaced").length;
  const fresh = files.filter((file) => file.outcome === "loaded").length;
  const parts = [...(fresh > 0 ? [`${fresh} new`] : []), ...(replaced > 0 ? [`${replaced} changed`] : [])];
  return `${parts.join(", ")} of ${matched} files`;
}

function alertsOf(loaded: LoadOutcome, name: string): string[] {
  const unreadable = loaded.files.filter((file) => file.outcome === "unreadable");
  const changing = loaded.files.filter((file) => file.outcome === "changing");
  return [
    ...(loaded.matched === 0 ? ["no file matches its pattern"] : []),
    ...(loaded.rejected > 0
      ? [`${loaded.rejected} malformed ${loaded.rejected === 1 ? "row" : "rows"}; see raw.${name}_rejects`]
      : []),
    ...unreadable.map((file) => `${file.path} is unreadable: ${file.reason ?? "see the rejects"}`),
    ...changing.map((file) => `${file.path} was being written; the next run takes it`),
    ...(loaded.files.length > 0 && loaded.gone.length > 0
      ? [`files that are there no more: ${loaded.gone.length}; their rows stay`]
      : []),
  ];
}

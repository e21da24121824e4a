import { sharesAt } from "../access/index.ts";
import { OneCopyError } from "../base/index.ts";
import { type Rule, dependsOnDay, extractSql } from "../segment/index.ts";
import { Table } from "../table/index.ts";
import { type RunContext, type StepResult, step } from "./context.ts";
import { type Derivation, bringUpToDate, isRuleOf, staleness } from "./derive.ts";
import { populationOf } from "./population.ts";
import type { Step } from "./step.ts";

/** Marks a table as one that this makes, and may therefore take away. */
const PROPERTY = "onecopy.extract";

/**
 * Tables that shares show a part of: made while a grant in force names them, and erased, with every older version, when
 * none does any more. A rule that changed makes another table, so that no older version shows what the new rule hides.
 */
export async function bringExtractsUpToDate(context: RunContext): Promise<Step[]> {
  const { wanted, left } = await extractsOf(context);
  const steps: Step[] = [];
  for (const { target, why } of left)
    steps.push(
      await step(context, "table", target, async () => {
        await erase(context, target);
        return { action: "done", why: `${why}: it is erased` };
      }),
    );
  for (const name of wanted) steps.push(await step(context, "table", name, () => bringUp(context, name)));
  return steps;
}

type Looked = Pick<RunContext, "catalog" | "session" | "revision" | "asOf" | "clock">;

interface Left {
  readonly target: string;
  readonly why: string;
}

/** The extracts that the next run makes or erases, and why. */
export async function plannedExtracts(context: Looked): Promise<Left[]> {
  const { wanted, left } = await extractsOf(context);
  const planned = [...left];
  for (const target of wanted) {
    const derivation = await derivationOf(context, target).catch(() => undefined);
    const made = await context.catalog.snapshot(target);
    const why = derivation && staleness(derivation, made?.provenance);
    if (why !== undefined) planned.push({ target, why });
  }
  return planned;
}

/**
 * `wanted`: those that a grant in force names; `left`: tables that were made for one that is no more, and any of which a
 * part was erased by who did not come to the end (a purge through the catalog, too).
 */
async function extractsOf({
  catalog,
  clock,
  revision,
}: Looked): Promise<{ readonly wanted: readonly string[]; readonly left: readonly Left[] }> {
  const shares = Object.values(sharesAt(revision.config, clock.now()));
  const granted = new Set(shares.flatMap(({ tables, recipients }) => (recipients.length > 0 ? tables : [])));
  const wanted = Object.keys(revision.config.extracts).filter((name) => granted.has(name));
  const left: Left[] = [];
  for (const { namespace, name, folder } of await catalog.list()) {
    const table = `${namespace}.${name}`;
    if (wanted.includes(table)) continue;
    const snapshot = await catalog.snapshot(table).catch(() => undefined);
    if (snapshot?.properties[PROPERTY] !== undefined)
      left.push({ target: table, why: "no grant in force names it" });
    // Who erased it may have died: then there is no version of it any more, and still its files.
    else if (snapshot === undefined && (await Table.isBeingDropped(catalog.lake, folder)))
      left.push({ target: table, why: "its erasure was not finished" });
  }
  return { wanted, left };
}

async function bringUp(context: RunContext, name: string): Promise<StepResult> {
  const derivation = await derivationOf(context, name);
  const { folder } = (await context.catalog.names()).tables.get(name) ?? {};
  // Of a run that died while it erased the table of another rule.
  if (folder !== undefined && (await Table.isBeingDropped(context.catalog.lake, folder)))
    await erase(context, name);
  const existing = await context.catalog.snapshot(name);
  if (existing !== undefined && existing.properties[PROPERTY] === undefined)
    throw new OneCopyError("run.extract_name_taken", `${name} is a table that no extract made.`, {
      remedy: "Give the extract another name.",
    });
  if (existing?.provenance !== undefined && !isRuleOf(derivation, existing.provenance))
    await erase(context, name);
  const made = await bringUpToDate(context.catalog, context.session, derivation);
  return made.kind === "written"
    ? { action: "done", why: made.why, version: made.version, rows: made.rows }
    : { action: "unchanged", why: "up to date" };
}

async function derivationOf({ catalog, session, revision, asOf }: Looked, name: string): Promise<Derivation> {
  const { from, columns, where, segment } = revision.config.extracts[name]!;
  const source = await catalog.snapshot(from);
  if (source === undefined)
    throw new OneCopyError("run.input_missing", `${name} is made from ${from}, which is not there yet.`, {
      remedy: "See why it could not be made, or correct `from`.",
    });
  const rule = segment === undefined ? where : ruleOf(revision.config.segments, segment, name);
  const population = await populationOf({ session }, source);
  return {
    name,
    inputs: { [from]: { tableId: source.tableId, version: source.rowsVersion } },
    rule: { extract: 1, from, columns, rule: rule ?? null },
    identifying: population.identifying.filter((column) => columns.includes(column)),
    properties: { [PROPERTY]: "true" },
    ...(rule !== undefined && dependsOnDay(rule) ? { asOf } : {}),
    query: () => Promise.resolve(extractSql(columns, rule, population, asOf)),
  };
}

function ruleOf(segments: RunContext["revision"]["config"]["segments"], segment: string, of: string): Rule {
  const found = Object.hasOwn(segments, segment) ? segments[segment] : undefined;
  if (found !== undefined) return found.rule;
  throw new OneCopyError(
    "run.unknown_segment",
    `${of} is made of the segment ${segment}, which is not there.`,
    {
      remedy: `The segments are: ${Object.keys(segments).sort().join(", ") || "none"}.`,
    },
  );
}

/** The name goes last: by it the next run finds what this one could not erase to the end. */
async function erase({ catalog, project: { lake } }: RunContext, name: string): Promise<void> {
  const table = (await catalog.names()).tables.get(name);
  if (table === undefined) return;
  await Table.drop(lake, table.folder);
  await catalog.drop(name);
}

import type { Command } from "commander";
import { OneCopyError } from "../../../base/index.ts";
import type { IdentityInput, Matching, RecordName } from "../../../identity/index.ts";
import { openProject } from "../../../project/index.ts";
import { inputOf, openWorkspace, rememberedSources, type Workspace } from "../../../run/index.ts";
import { scan } from "../../../table/index.ts";
import { globalsOf } from "../../program.ts";

/** The people of a project as the last run left them: relations as the tables of `identity` have them. */
export interface People {
  readonly workspace: Workspace;
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

/**
 * Works on the people of a project. `confined`: see {@link openWorkspace}. Fails with `cli.out_of_date` where a source
 * changed since the last run.
 */
export async function onPeople(
  command: Command,
  options: { readonly confined: boolean },
  work: (people: People, json: boolean) => Promise<void>,
): Promise<void> {
  const { json, project } = globalsOf(command);
  const workspace = await openWorkspace(await openProject(project), options);
  try {
    const sources = await rememberedSources(workspace);
    if (sources === undefined) throw outOfDate();
    const inputs = sources.map(inputOf);
    const relation = (name: string): Promise<string> => tableRelation(workspace, `identity.${name}`);
    await work(
      {
        workspace,
        inputs,
        assignments: await relation("assignments"),
        edges: await relation("edges"),
        model: await relation("model"),
        learned: await relation("learned"),
        matching: workspace.revision.config.identity.matching,
        blocks: await relation("blocks"),
        sharedValues: await relation("shared_values"),
        retired: await relation("retired"),
      },
      json,
    );
  } finally {
    await workspace.close();
  }
}

async function tableRelation({ catalog, session }: Workspace, name: string): Promise<string> {
  const snapshot = await catalog.snapshot(name);
  if (snapshot === undefined) throw outOfDate();
  return await scan(session, snapshot);
}

function outOfDate(): OneCopyError {
  return new OneCopyError("cli.out_of_date", "The people are not up to date with the sources.", {
    remedy: "Run `onecopy run`.",
  });
}

/** Reads `SOURCE:ID`. Fails with `cli.bad_record`. */
export function recordName(text: string): RecordName {
  const at = text.indexOf(":");
  if (at > 0 && at < text.length - 1) return { source: text.slice(0, at), recordId: text.slice(at + 1) };
  throw new OneCopyError("cli.bad_record", `A record is named SOURCE:ID, found ${text}.`, {
    remedy: 'For example web_shop:100001; `onecopy query "from identity.assignments"` lists them.',
  });
}

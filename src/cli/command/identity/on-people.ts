import type { Command } from "commander";
import { OneCopyError } from "../../../base/index.ts";
import type { RecordName } from "../../../identity/index.ts";
import { openProject } from "../../../project/index.ts";
import { openWorkspace, type PeopleRelations, peopleRelations, type Workspace } from "../../../run/index.ts";
import { globalsOf } from "../../program.ts";

export type People = PeopleRelations & { readonly workspace: Workspace };

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
    const people = await peopleRelations(workspace);
    if (people === undefined)
      throw new OneCopyError("cli.out_of_date", "The people are not up to date with the sources.", {
        remedy: "Run `onecopy run`.",
      });
    await work({ workspace, ...people }, json);
  } finally {
    await workspace.close();
  }
}

/** Reads `SOURCE:ID`. Fails with `cli.bad_record`. */
export function recordName(text: string): RecordName {
  const at = text.indexOf(":");
  if (at > 0 && at < text.length - 1) return { source: text.slice(0, at), recordId: text.slice(at + 1) };
  throw new OneCopyError("cli.bad_record", `A record is named SOURCE:ID, found ${text}.`, {
    remedy: 'For example web_shop:100001; `onecopy query "from identity.assignments"` lists them.',
  });
}

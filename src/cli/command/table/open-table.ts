import type { Command } from "commander";
import { OneCopyError } from "../../../base/index.ts";
import { openProject } from "../../../project/index.ts";
import { type Workspace, openWorkspace } from "../../../run/index.ts";
import type { CommitOutcome, Table } from "../../../table/index.ts";
import { globalsOf } from "../../program.ts";

/** Works on one table of the lake by its name. Fails with `cli.unknown_table`. */
export async function onTable(
  command: Command,
  name: string,
  work: (table: Table, workspace: Workspace, json: boolean) => Promise<void>,
): Promise<void> {
  const { json, project } = globalsOf(command);
  const workspace = await openWorkspace(await openProject(project), { confined: false });
  try {
    const table = await workspace.catalog.find(name);
    if (table === undefined) throw await unknownTable(workspace, name);
    await work(table, workspace, json);
    await table.settled();
  } finally {
    await workspace.close();
  }
}

async function unknownTable({ catalog }: Workspace, name: string): Promise<OneCopyError> {
  const names = (await catalog.list()).map((one) => `${one.namespace}.${one.name}`);
  return new OneCopyError("cli.unknown_table", `There is no table ${name}.`, {
    remedy: `The tables are: ${names.sort().join(", ") || "none; make them with `onecopy run`"}.`,
  });
}

/** The version that was made. Fails with `table.conflict`. */
export function committed(name: string, outcome: CommitOutcome): number {
  if (outcome.kind !== "conflict") return outcome.version;
  throw new OneCopyError(
    "table.conflict",
    `${name} stays as it is: ${outcome.reason} (version ${outcome.winner}).`,
    { remedy: "Look at the table's history, and try again." },
  );
}

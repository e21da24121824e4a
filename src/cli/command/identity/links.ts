import { userInfo } from "node:os";
import type { Command } from "commander";
import type { Catalog } from "../../../catalog/index.ts";
import type { Session } from "../../../engine/index.ts";
import {
  addLink,
  leftOf,
  type LinkRow,
  newestLinks,
  readLinks,
  recordText,
  rightOf,
} from "../../../identity/index.ts";
import { openProject } from "../../../project/index.ts";
import { openWorkspace } from "../../../run/index.ts";
import { print, printJson, textTable } from "../../output.ts";
import { globalsOf } from "../../program.ts";
import { recordName } from "./on-people.ts";

const decisions = [
  { kind: "link", description: "say that two records are one person, whatever the model says" },
  { kind: "unlink", description: "say that two records never are one person, also not through others" },
  { kind: "forget", description: "take back what was said of two records" },
] as const;

const done = {
  link: "are one person from the next run on",
  unlink: "are kept apart from the next run on",
  forget: "are left to the model from the next run on",
} as const;

/** What a steward decides by hand, which wins over the model: `link`, `unlink`, `forget`, `links`. */
export function links(commands: Command): void {
  for (const { kind, description } of decisions)
    commands
      .command(kind)
      .description(description)
      .argument("<record>", "SOURCE:ID, with an id as the source has it")
      .argument("<other>", "another record")
      .option("-m, --message <text>", "why", "")
      .option("--by <name>", "who decides it (default: the user of this machine)")
      .addHelpText(
        "after",
        `\nExample:\n  $ onecopy identity ${kind} crm:17 web_shop:100001 -m "the phone call of May 3"`,
      )
      .action(
        async (
          record: string,
          other: string,
          options: { message: string; by?: string },
          command: Command,
        ) => {
          const { json, project } = globalsOf(command);
          const records = [recordName(record), recordName(other)] as const;
          await inLake(project, async (lake) => {
            const by = options.by ?? userInfo().username;
            const row = await addLink(lake, { kind, records, by, message: options.message, at: new Date() });
            if (json) printJson({ added: row ?? null });
            else if (row === undefined) print(`${record} and ${other}: that was decided before.`);
            else print(`${record} and ${other} ${done[kind]}.`);
          });
        },
      );
  commands
    .command("links")
    .description("list what stewards decided by hand, newest first: of which records, who, when and why")
    .option("--all", "also what was replaced or taken back since", false)
    .addHelpText("after", "\nExample:\n  $ onecopy identity links")
    .action(async (options: { all: boolean }, command: Command) => {
      const { json, project } = globalsOf(command);
      await inLake(project, async (lake) => {
        const rows = await readLinks(lake);
        const shown = options.all ? rows : newestLinks(rows);
        if (json) printJson(shown);
        else print(shown.length === 0 ? "Nothing is decided by hand." : listed(shown));
      });
    });
}

function listed(rows: readonly LinkRow[]): string {
  return textTable(
    ["kind", "record", "other", "made by", "made at", "message"],
    rows.map((row) => [
      row.kind,
      recordText(leftOf(row)),
      recordText(rightOf(row)),
      row.made_by,
      row.made_at,
      row.message,
    ]),
  );
}

async function inLake(
  at: string,
  work: (lake: { readonly catalog: Catalog; readonly session: Session }) => Promise<void>,
): Promise<void> {
  const workspace = await openWorkspace(await openProject(at), { confined: true });
  try {
    await work(workspace);
  } finally {
    await workspace.close();
  }
}

import type { Command } from "commander";
import { listRevisions, openProject } from "../../project/index.ts";
import { print, printJson, textTable } from "../output.ts";
import { globalsOf } from "../program.ts";

export function history(program: Command): void {
  program
    .command("history")
    .description("list the revisions of the configuration, newest first")
    .addHelpText("after", "\nExample:\n  $ onecopy history --json")
    .action(async (_options: unknown, command: Command) => {
      const { json, project: at } = globalsOf(command);
      const { state } = await openProject(at);
      const revisions = (await listRevisions(state)).reverse();
      if (json) return printJson(revisions);
      if (revisions.length === 0) return print("No revision yet. Store the first with `onecopy apply`.");
      const rows = revisions.map((r) => [r.number, r.createdAt, r.author, r.message]);
      print(textTable(["revision", "applied at", "author", "message"], rows));
    });
}

import type { Command } from "commander";
import { openProject } from "../../project/index.ts";
import { openWorkspace, readTags } from "../../run/index.ts";
import { print, printJson, textTable } from "../output.ts";
import { globalsOf } from "../program.ts";

export function tags(program: Command): void {
  program
    .command("tags")
    .description("show what every column of the sources was taken to mean, and why")
    .addHelpText(
      "after",
      "\nTo correct one, write it under `tags` of the source in onecopy.yaml.\n\nExample:\n  $ onecopy tags",
    )
    .action(async (_options: unknown, command: Command) => {
      const { json, project } = globalsOf(command);
      const workspace = await openWorkspace(await openProject(project), { confined: true });
      try {
        const found = await readTags(workspace);
        if (json) return printJson(found);
        if (found.length === 0) return print("Nothing was looked at yet. Run `onecopy run`.");
        const rows = found.map((t) => [t.source, t.column, t.tag, t.confidence ?? "said", t.reason]);
        print(textTable(["source", "column", "tag", "confidence", "why"], rows));
      } finally {
        await workspace.close();
      }
    });
}

import type { Command } from "commander";
import { auditProject, formatBytes } from "../../audit/index.ts";
import { openProject } from "../../project/index.ts";
import { openWorkspace } from "../../run/index.ts";
import { print, printJson, textTable } from "../output.ts";
import { globalsOf } from "../program.ts";

export function audit(program: Command): void {
  program
    .command("audit")
    .description("answer the three questions for this installation, with every copy that exists")
    .addHelpText("after", "\nExample:\n  $ onecopy audit --json > audit.json")
    .action(async (_options: unknown, command: Command) => {
      const { json, project } = globalsOf(command);
      const workspace = await openWorkspace(await openProject(project), { confined: true });
      try {
        const result = await auditProject(workspace);
        if (json) return printJson(result);
        for (const { question, answer, details } of result.answers) {
          print(`${question}\n  ${answer}\n${details.map((detail) => `  · ${detail}`).join("\n")}\n`);
        }
        print("Every copy");
        const copies = result.copies.map((c) => [c.what, c.storageOwner, c.insideLake ? "yes" : "no", c.files, formatBytes(c.sizeBytes), c.location]);
        print(`${textTable(["what", "storage of", "in the lake", "files", "size", "location"], copies)}\n`);
        print("Who can read which table, and how exactly");
        const readers = result.tables.flatMap((t) => t.readers.map((r) => [t.table, t.version, r.way, r.exactness, r.tried.join(", ")]));
        print(textTable(["table", "version", "way", "exactness", "tools run"], readers));
      } finally {
        await workspace.close();
      }
    });
}

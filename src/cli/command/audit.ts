import type { Command } from "commander";
import { type TableReader, type TableReaders, auditProject, formatBytes } from "../../audit/index.ts";
import type { Value } from "../../engine/index.ts";
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
        const copies = result.copies.map((c) => [
          c.what,
          c.storageOwner,
          c.insideLake ? "yes" : "no",
          c.files,
          formatBytes(c.sizeBytes),
          c.location,
        ]);
        print(`${textTable(["what", "storage of", "in the lake", "files", "size", "location"], copies)}\n`);
        print("Every object of the tables: what it is, and who needs it");
        const objects = result.objects.map((o) => [
          o.table,
          o.kind,
          USES[o.use],
          o.objects,
          formatBytes(o.sizeBytes),
        ]);
        print(`${textTable(["table", "what", "needed by", "objects", "size"], objects)}\n`);
        print("Who can read which table, and how exactly");
        print(
          `${textTable(["table", "version", "Delta", "Iceberg catalog", "Iceberg file", "shared in"], result.tables.map(readerRow))}\n`,
        );
        print("Ways to read, and the tools that were run against tables of this form");
        const ways = new Map(
          result.tables.flatMap((t) => t.readers.map((r) => [r.way, r.tried.join(", ")] as const)),
        );
        print(textTable(["way", "tools run"], [...ways]));
      } finally {
        await workspace.close();
      }
    });
}

const USES = {
  newest: "the newest version",
  older: "an older one that is kept",
  log: "the log",
  nobody: "nobody, until vacuum",
  unknown: "not of OneCopy",
} as const;

function readerRow({ table, version, readers }: TableReaders): Value[] {
  const exactness = (kind: TableReader["kind"]): string =>
    readers
      .filter((reader) => reader.kind === kind)
      .map((reader) => (reader.exactness === "lags" ? reader.note : reader.exactness))
      .join(", ");
  const shares = readers
    .filter((reader) => reader.kind === "share")
    .map((reader) => reader.way.replace("Delta Sharing, share ", ""));
  return [table, version, exactness("delta"), exactness("catalog"), exactness("file"), shares.join(", ")];
}

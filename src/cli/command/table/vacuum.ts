import type { Command } from "commander";
import { formatBytes } from "../../../audit/index.ts";
import { counted, print, printJson, textTable } from "../../output.ts";
import { interruptSignal } from "../run.ts";
import { onTable } from "./open-table.ts";

export function vacuum(commands: Command): void {
  commands
    .command("vacuum")
    .description("delete what no version that is kept needs, in either format, nor a clone")
    .argument("<table>", "namespace.table")
    .option("--dry-run", "change nothing, and name each object that would go", false)
    .addHelpText(
      "after",
      `
How long versions are kept is a property of the table: delta.deletedFileRetentionDuration, 7 days if it is not set.

Example:
  $ onecopy table vacuum raw.web_shop --dry-run`,
    )
    .action(async (name: string, { dryRun }: { dryRun: boolean }, command: Command) => {
      await onTable(command, name, async (table, _workspace, json) => {
        const objects: { key: string; kind: string; sizeBytes: number }[] = [];
        const outcome = await table.vacuum({
          dryRun,
          signal: interruptSignal(),
          onObject: ({ key, kind, sizeBytes }) => void (dryRun && objects.push({ key, kind, sizeBytes })),
        });
        if (json) return printJson({ dryRun, ...outcome, ...(dryRun ? { objects } : {}) });
        if (objects.length > 0)
          print(
            `${textTable(
              ["object", "kind", "bytes"],
              objects.map((one) => [one.key, one.kind, one.sizeBytes]),
            )}\n`,
          );
        const count = outcome.deleted.reduce((sum, one) => sum + one.objects, 0);
        const sizeBytes = outcome.deleted.reduce((sum, one) => sum + one.sizeBytes, 0);
        print(
          `${dryRun ? "Would delete" : "Deleted"} ${counted(count, "object")} (${formatBytes(sizeBytes)}). Versions ${outcome.oldestVersion} to ${outcome.newestVersion} are kept.`,
        );
        if (outcome.waiting > 0)
          print(
            `${outcome.waiting} that nobody names stay for now: a write may be under way that needs them.`,
          );
        if (outcome.outside > 0)
          print(
            `! ${counted(outcome.outside, "data file")} of the table lie outside the lake. OneCopy deletes none of those, nor what older versions had there.`,
          );
        if (outcome.blocked !== undefined) print(`! ${outcome.blocked}`);
      });
    });
}

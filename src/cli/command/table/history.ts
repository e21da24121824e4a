import { type Command, InvalidArgumentError } from "commander";
import { print, printJson, textTable } from "../../output.ts";
import { onTable } from "./open-table.ts";

export function history(commands: Command): void {
  commands
    .command("history")
    .description("list the versions of a table, newest first, with who made them and how")
    .argument("<table>", "namespace.table")
    .option("-n, --limit <number>", "so many versions at most", wholeNumber, 20)
    .addHelpText("after", "\nExample:\n  $ onecopy table history unified.customer_360 --limit 5")
    .action(async (name: string, { limit }: { limit: number }, command: Command) => {
      await onTable(command, name, async (table, _workspace, json) => {
        const versions = (await table.history({ limit })).map(({ committedAtMs, ...entry }) => ({
          ...entry,
          committedAt: new Date(committedAtMs).toISOString(),
        }));
        if (json) return printJson(versions);
        const rows = versions.map((one) => [
          one.version,
          one.committedAt,
          one.operation ?? null,
          one.engine ?? null,
          one.filesAdded,
          one.filesRemoved,
          one.isKept ? "yes" : "no",
        ]);
        print(
          textTable(
            ["version", "committed at", "operation", "by", "files added", "files removed", "kept"],
            rows,
          ),
        );
      });
    });
}

/** 0, 1, 2, … */
export function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError("A whole number is expected.");
  return Number(text);
}

import type { Command } from "commander";
import { counted, print, printJson } from "../../output.ts";
import { interruptSignal } from "../run.ts";
import { onTable } from "./open-table.ts";

export function compact(commands: Command): void {
  commands
    .command("compact")
    .description(
      "write small files together, sorted as the table asks for; no row changes, nobody is held up",
    )
    .argument("<table>", "namespace.table")
    .addHelpText("after", "\nExample:\n  $ onecopy table compact raw.web_shop")
    .action(async (name: string, _options: unknown, command: Command) => {
      await onTable(command, name, async (table, { session }, json) => {
        const outcome = await table.compact(session, { signal: interruptSignal() });
        if (json) return printJson(outcome);
        const { filesBefore, filesAfter, givenUp } = outcome;
        print(
          filesBefore === 0
            ? `${name} has no small files to write together.`
            : `Wrote ${counted(filesBefore, "file")} of ${name} as ${filesAfter}.`,
        );
        if (givenUp > 0) print(`Left ${counted(givenUp, "file")} that somebody else changed meanwhile.`);
      });
    });
}

import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import type { Command } from "commander";
import { OneCopyError } from "../../../base/index.ts";
import { counted, print, printJson } from "../../output.ts";
import { onTable } from "./open-table.ts";

interface Options {
  readonly column: readonly string[];
  readonly values: string;
  readonly anywhere: boolean;
}

export function purge(commands: Command): void {
  commands
    .command("purge")
    .description("make rows gone by value, from every object of a table: no byte of a value stays")
    .argument("<table>", "namespace.table")
    .requiredOption("--column <name...>", "a row goes when one of these columns is one of the values")
    .requiredOption(
      "--values <file>",
      "a value a line; - is standard input, so that none is in a process list",
    )
    .option("--anywhere", "also rows in which a value stands somewhere in a text", false)
    .addHelpText(
      "after",
      `
Older versions can no longer be read afterwards. It is about one table and its clones: purge the table that others are
derived from first, or the next run brings the rows back.

Example:
  $ echo ada@example.com | onecopy table purge raw.web_shop --column email --values -`,
    )
    .action(async (name: string, { column, values: from, anywhere }: Options, command: Command) => {
      const values = await valuesIn(from);
      await onTable(command, name, async (table, { session }, json) => {
        const outcome = await table.purge(session, { columns: column, values, anywhere });
        if (json) return printJson(outcome);
        const { rowsRemoved, objectsDeleted, unreadable, remaining, version } = outcome;
        print(
          `Removed ${counted(rowsRemoved, "row")}, and ${counted(objectsDeleted, "object")} with them. ${name} is at version ${version}.`,
        );
        if (unreadable.versions !== undefined)
          print(
            `No longer readable: versions ${unreadable.versions.from} to ${unreadable.versions.to}, and ${counted(unreadable.icebergSnapshots, "Iceberg snapshot")}.`,
          );
        for (const { folder, versions } of unreadable.clones)
          print(
            `Purged, too: the clone ${folder}, of which versions ${versions.from} to ${versions.to} are gone.`,
          );
        for (const { column: held, rows } of remaining.columns)
          print(`! Left: ${counted(rows, "row")} with a value in ${held}; --anywhere takes them as well.`);
        if (remaining.filesOutside > 0)
          print(
            `! Not looked into: ${counted(remaining.filesOutside, "data file")} of the table outside the lake. Delete the rows with the engine that committed them.`,
          );
        if (remaining.metadata)
          print(
            "! A value stands in what the table says of itself: a column's name, a property or a comment.",
          );
      });
    });
}

async function valuesIn(from: string): Promise<string[]> {
  const lines = (from === "-" ? await text(process.stdin) : await read(from)).split(/\r?\n/);
  const values = lines.filter((line) => line !== "");
  if (values.length > 0) return values;
  throw new OneCopyError("cli.no_values", "There is no value to purge.", {
    remedy: "Give a value a line, in a file or on standard input.",
  });
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new OneCopyError("cli.no_values", `The file ${file} cannot be read.`, { cause });
  }
}

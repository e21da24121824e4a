import { createReadStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { type Command, Option } from "commander";
import { literal } from "../../engine/index.ts";
import { openProject } from "../../project/index.ts";
import { type Workspace, nameTables, openWorkspace } from "../../run/index.ts";
import { counted, print, textTable } from "../output.ts";
import { globalsOf } from "../program.ts";

const SHOWN_ROWS = 100;

type Format = "table" | "csv" | "json";

export function query(program: Command): void {
  program
    .command("query")
    .description(
      "run one SELECT over the tables and mounts, by name; it can read nothing else and write nothing",
    )
    .argument("<sql>", "the SELECT; tables are named namespace.table, mounts by their name")
    .addOption(
      new Option("-f, --format <format>", "how rows are printed")
        .choices(["table", "csv", "json"])
        .default("table"),
    )
    .addHelpText(
      "after",
      `
A table shows at most ${SHOWN_ROWS} rows; csv and json print all.

Example:
  $ onecopy query "select city, count(*) from unified.customer_360 group by city order by 2 desc" --format csv`,
    )
    .action(async (sql: string, options: { format: Format }, command: Command) => {
      const globals = globalsOf(command);
      const workspace = await openWorkspace(await openProject(globals.project), { confined: true });
      try {
        await nameTables(workspace, sql);
        await workspace.session.requireReadOnly(sql);
        const format = globals.json ? "json" : options.format;
        if (format === "table") await showTable(workspace, sql);
        else await copyOut(workspace, sql, format);
      } finally {
        await workspace.close();
      }
    });
}

async function showTable({ session }: Workspace, sql: string): Promise<void> {
  const text = sql.trim().replace(/;$/, "");
  const columns = await session.describe(text);
  const rows = await session.rows(`FROM (${text}\n) LIMIT ${SHOWN_ROWS + 1}`);
  const names = columns.map((column) => column.name);
  print(
    textTable(
      names,
      rows.slice(0, SHOWN_ROWS).map((row) => Object.values(row)),
    ),
  );
  const more =
    rows.length > SHOWN_ROWS
      ? `The first ${SHOWN_ROWS} rows; --format csv or json prints all.`
      : counted(rows.length, "row");
  print(`\n${more}`);
}

/** Large results go through a temporary file of the engine, not through JavaScript rows. */
async function copyOut({ engine, session }: Workspace, sql: string, format: "csv" | "json"): Promise<void> {
  const file = join(engine.scratchFolder, `result.${format}`);
  const form = format === "csv" ? "FORMAT csv, HEADER" : "FORMAT json, ARRAY";
  // As a subquery: of two columns with the same name, the second becomes `name_1`.
  await session.run(`COPY (FROM (${sql.trim().replace(/;$/, "")}\n)) TO ${literal(file)} (${form})`);
  const stream = createReadStream(file);
  const rows = format === "csv" ? stream : Readable.from(validJson(stream));
  rows.pipe(process.stdout, { end: false });
  await finished(rows);
}

/** JSON has no NaN and no infinities, and the engine writes them all the same: they become texts, as in deliveries. */
async function* validJson(file: Readable): AsyncGenerator<string> {
  for await (const line of createInterface({ input: file, crlfDelay: Infinity }))
    yield `${line.replace(/"[^"\\]*(?:\\.[^"\\]*)*"|-?(?:NaN|Infinity)/g, (token) => (token.startsWith('"') ? token : `"${token.replace("NaN", "nan").replace("Infinity", "inf")}"`))}\n`;
}

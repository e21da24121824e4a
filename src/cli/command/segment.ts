import type { Command } from "commander";
import { OneCopyError } from "../../base/index.ts";
import { openProject } from "../../project/index.ts";
import { type Workspace, openWorkspace, population, today } from "../../run/index.ts";
import { type Segment, countSegment, showSegment } from "../../segment/index.ts";
import { print, printJson, textTable } from "../output.ts";
import { globalsOf } from "../program.ts";

export function segment(program: Command): void {
  const segments = program.command("segment").description("look at the people whom a segment selects");
  segments
    .command("count")
    .description("how many people a segment selects now")
    .argument("<name>", "a segment of onecopy.yaml")
    .addHelpText("after", "\nExample:\n  $ onecopy segment count big_spenders")
    .action((name: string, _options: unknown, command: Command) =>
      withSegment(command, name, async (workspace, rule, asOf) => {
        const people = await countSegment(workspace.session, rule, await population(workspace), asOf);
        if (globalsOf(command).json) printJson({ segment: name, asOf, people });
        else print(`${people}`);
      }),
    );
  segments
    .command("show")
    .description("the first people of a segment, with all that is known of them")
    .argument("<name>", "a segment of onecopy.yaml")
    .option("--limit <number>", "how many people", "10")
    .addHelpText("after", "\nExample:\n  $ onecopy segment show big_spenders --limit 3")
    .action((name: string, options: { limit: string }, command: Command) =>
      withSegment(command, name, async (workspace, rule, asOf) => {
        const people = await population(workspace);
        const rows = await showSegment(workspace.session, rule, people, asOf, Number(options.limit));
        if (globalsOf(command).json) return printJson(rows);
        const columns = people.columns.map((column) => column.name);
        print(
          textTable(
            columns,
            rows.map((row) => columns.map((column) => row[column] ?? null)),
          ),
        );
      }),
    );
}

async function withSegment(
  command: Command,
  name: string,
  work: (workspace: Workspace, rule: Segment["rule"], asOf: string) => Promise<void>,
): Promise<void> {
  const workspace = await openWorkspace(await openProject(globalsOf(command).project), { confined: true });
  try {
    const { segments } = workspace.revision.config;
    const found = Object.hasOwn(segments, name) ? segments[name] : undefined;
    if (found === undefined) {
      const known = Object.keys(segments).join(", ");
      throw new OneCopyError(
        "cli.unknown_segment",
        `There is no segment ${name}; the segments are ${known || "not there yet"}.`,
        {
          remedy: "Correct the name, or add the segment to onecopy.yaml and run `onecopy apply`.",
        },
      );
    }
    await work(workspace, found.rule, today());
  } finally {
    await workspace.close();
  }
}

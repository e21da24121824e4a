import type { Command } from "commander";
import { OneCopyError } from "../../../base/index.ts";
import type { VersionTarget } from "../../../table/index.ts";
import { print, printJson } from "../../output.ts";
import { wholeNumber } from "./history.ts";
import { committed, onTable } from "./open-table.ts";

interface Options {
  readonly to?: number;
  readonly at?: string;
}

export function restore(commands: Command): void {
  commands
    .command("restore")
    .description("make a table what it was, as a new version; no row is copied")
    .argument("<table>", "namespace.table")
    .option("--to <version>", "the version whose rows, schema and properties come back", wholeNumber)
    .option("--at <time>", "the version that was the newest then: 2026-11-26T09:00:00Z")
    .addHelpText(
      "after",
      `
A table that \`onecopy run\` derives from others is derived again by the next run.

Example:
  $ onecopy table restore raw.web_shop --to 12`,
    )
    .action(async (name: string, options: Options, command: Command) => {
      const target = targetOf(options);
      await onTable(command, name, async (table, _workspace, json) => {
        const version = committed(name, await table.restore(target));
        if (json) printJson({ table: name, version });
        else print(`${name} is what it was, as version ${version}.`);
      });
    });
}

function targetOf({ to: version, at }: Options): VersionTarget {
  if (version !== undefined && at === undefined) return { version };
  const timestampMs = at === undefined ? Number.NaN : Date.parse(at);
  if (version === undefined && !Number.isNaN(timestampMs)) return { timestampMs };
  throw new OneCopyError("cli.bad_version", "Say which version: either --to or --at.", {
    remedy: "`onecopy table history` lists them.",
  });
}

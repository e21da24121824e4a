import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { OneCopyError } from "../../base/index.ts";
import { openEngine } from "../../engine/index.ts";
import { type FileResolution, resolveFile } from "../../identity/index.ts";
import { type Tag, parseTag, plainTags } from "../../source/index.ts";
import { EXIT, print, printJson, textTable } from "../output.ts";
import { globalsOf } from "../program.ts";
import { interruptSignal } from "./run.ts";

interface ResolveCommandOptions {
  readonly out: string;
  readonly id?: string;
  readonly tag: readonly string[];
  readonly truth?: string;
}

export function resolve(program: Command): void {
  program
    .command("resolve")
    .description(
      "resolve the people in a plain file, with no configuration: writes id,profile_id for every row",
    )
    .argument("<file>", "a CSV, JSON lines or Parquet file")
    .requiredOption("-o, --out <file>", "where to write id,profile_id; .csv or .parquet")
    .option("--id <column>", "the column that names each row (default: it is found)")
    .option(
      "--tag <column=tag>",
      "what a column means, where the suggestion is not right; COLUMN=none takes it out; may be repeated",
      (text: string, before: readonly string[]) => [...before, text],
      [],
    )
    .option("--truth <column>", "who each row is in truth: measured against, never used as evidence")
    .addHelpText("after", "\nExample:\n  $ onecopy resolve people.csv --out ids.csv --tag mail=email")
    .action(async (file: string, options: ResolveCommandOptions, command: Command) => {
      // A folder for each user of the machine: another one's can't be written to.
      const spillFolder = join(tmpdir(), `onecopy-spill-${process.getuid?.() ?? 0}`);
      const engine = await openEngine({ spillFolder });
      try {
        const session = await engine.session();
        const found = await resolveFile(session, {
          file,
          out: options.out,
          tags: Object.fromEntries(options.tag.map(tagOption)),
          signal: interruptSignal(),
          ...(options.id === undefined ? {} : { idColumn: options.id }),
          ...(options.truth === undefined ? {} : { truthColumn: options.truth }),
        });
        session.close();
        if (found.rejected.count > 0) process.exitCode = EXIT.partial;
        if (globalsOf(command).json) printJson(asJson(found, options.out));
        else print(summary(found, options.out));
      } finally {
        await engine.close();
      }
    });
}

function tagOption(text: string): [string, Tag | "none"] {
  const at = text.lastIndexOf("=");
  const written = text.slice(at + 1);
  const tag = written === "none" ? "none" : parseTag(written);
  if (at > 0 && tag !== undefined) return [text.slice(0, at), tag];
  throw new OneCopyError("cli.bad_tag", `--tag takes COLUMN=TAG, found ${text}.`, {
    remedy: `The tags are ${plainTags.join(", ")}, foreign_key:<name>, and none.`,
  });
}

function asJson(found: FileResolution, out: string): unknown {
  const { rows, profiles, rejected, idColumn, tags, evaluation } = found;
  return { rows, profiles, rejected, idColumn: idColumn ?? null, out, tags, evaluation: evaluation ?? null };
}

function summary(found: FileResolution, out: string): string {
  const { rows, profiles, rejected, idColumn, tags, evaluation } = found;
  const shown = textTable(
    ["column", "tag", "confidence", "why"],
    tags.map((t) => [t.column, t.tag, t.confidence, t.reason]),
  );
  const id =
    idColumn === undefined
      ? "No column names the rows, so id is the row's number."
      : `The id is ${idColumn}.`;
  const quality =
    evaluation === undefined
      ? []
      : [
          `Pairs:    precision ${evaluation.precision.toFixed(4)}, recall ${evaluation.recall.toFixed(4)}, F1 ${evaluation.f1.toFixed(4)}`,
          `B-cubed:  precision ${evaluation.bCubed.precision.toFixed(4)}, recall ${evaluation.bCubed.recall.toFixed(4)}, F1 ${evaluation.bCubed.f1.toFixed(4)}`,
        ];
  return [
    shown,
    "",
    `${rows.toLocaleString("en")} rows are ${profiles.toLocaleString("en")} people: ${out}. ${id}`,
    ...quality,
    ...(rejected.count === 0 ? [] : [rejectedText(rejected)]),
  ].join("\n");
}

function rejectedText({ count, first }: FileResolution["rejected"]): string {
  const lines = first.map(({ line, reason }) => `  line ${line ?? "?"}: ${reason}`);
  const more = count > first.length ? [`  and ${count - first.length} more`] : [];
  return [`${count} malformed ${count === 1 ? "line has" : "lines have"} no id:`, ...lines, ...more].join(
    "\n",
  );
}

import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Command, Option } from "commander";
import { OneCopyError } from "../../base/index.ts";
import { openEngine } from "../../engine/index.ts";
import {
  type FilesResolution,
  type GivenTag,
  type Matching,
  type ResolvedFile,
  matchings,
  resolveFiles,
  stemOf,
} from "../../identity/index.ts";
import { type Tag, parseTag, plainTags } from "../../source/index.ts";
import { EXIT, counted, print, printJson, textTable } from "../output.ts";
import { globalsOf } from "../program.ts";
import { qualityLines } from "./quality.ts";
import { interruptSignal } from "./run.ts";

interface ResolveCommandOptions {
  readonly out: string;
  readonly id?: readonly string[];
  readonly tag?: readonly string[];
  readonly truth?: readonly string[];
  readonly matching: Matching;
}

const collect = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

export function resolve(program: Command): void {
  program
    .command("resolve")
    .description(
      "resolve the people in plain files together, with no configuration: writes source,id,profile_id for every row; a file's source is its name without folder and ending (STEM)",
    )
    .argument("<files...>", "CSV, JSON lines or Parquet files, each with columns of its own")
    .requiredOption("-o, --out <file>", "where to write source,id,profile_id; .csv or .parquet")
    .option(
      "--id <column>",
      "the column that names each row: COLUMN, in every file that has it, or STEM=COLUMN (default: it is found); may be repeated",
      collect,
    )
    .option(
      "--tag <column=tag>",
      "what a column means, where the suggestion is not right: COLUMN=TAG, in every file that has it, or STEM.COLUMN=TAG; the tag none takes it out, foreign_key:STEM says that it holds ids of that file; may be repeated",
      collect,
    )
    .option(
      "--truth <column>",
      "who each row is in truth, COLUMN or STEM=COLUMN: measured against, never used as evidence; may be repeated",
      collect,
    )
    .addOption(
      new Option(
        "--matching <how>",
        "how readily records become one person: cautious mixes up fewer people, eager splits fewer",
      )
        .choices(matchings)
        .default("balanced"),
    )
    .addHelpText(
      "after",
      `
Example:
  $ onecopy resolve people.csv --out ids.csv --tag mail=email
  $ onecopy resolve shop.csv crm.parquet --out ids.csv --id shop=customer_no --tag crm.contact=full_name`,
    )
    .action(async (files: readonly string[], options: ResolveCommandOptions, command: Command) => {
      const tags = (options.tag ?? []).map((text) => tagOption(text, files.map(stemOf)));
      // A folder for each user of the machine: another one's can't be written to.
      const spillFolder = join(tmpdir(), `onecopy-spill-${process.getuid?.() ?? 0}`);
      const engine = await openEngine({ spillFolder });
      try {
        const session = await engine.session();
        const { out, id = [], truth = [] } = options;
        const found = await resolveFiles(session, {
          files,
          out,
          tags,
          ids: id,
          truth,
          matching: options.matching,
          signal: interruptSignal(),
        });
        session.close();
        if (found.files.some(({ rejected }) => rejected.count > 0)) process.exitCode = EXIT.partial;
        if (globalsOf(command).json) printJson(asJson(found, out));
        else print(summary(found, out));
      } finally {
        await engine.close();
      }
    });
}

function tagOption(text: string, stems: readonly string[]): GivenTag {
  const at = text.lastIndexOf("=");
  const tag = readTag(text.slice(at + 1), stems);
  if (at > 0 && tag !== undefined) return { column: text.slice(0, at), tag };
  throw new OneCopyError("cli.bad_tag", `--tag takes COLUMN=TAG or STEM.COLUMN=TAG, found ${text}.`, {
    remedy: `The tags are ${plainTags.join(", ")}, foreign_key:<stem>, and none.`,
  });
}

function readTag(written: string, stems: readonly string[]): Tag | "none" | undefined {
  if (written === "none") return "none";
  // A file's name may hold what no source's name does.
  const stem = stems.find((one) => written === `foreign_key:${one}`);
  return stem === undefined ? parseTag(written) : `foreign_key:${stem}`;
}

function asJson({ rows, profiles, files, evaluation }: FilesResolution, out: string): unknown {
  return {
    rows,
    profiles,
    out,
    files: files.map(({ file, source, rows: ofFile, rejected, idColumn, truthColumn, tags }) => ({
      file,
      source,
      rows: ofFile,
      idColumn: idColumn ?? null,
      truthColumn: truthColumn ?? null,
      tags,
      rejected,
    })),
    evaluation: evaluation ?? null,
  };
}

function summary({ rows, profiles, files, evaluation }: FilesResolution, out: string): string {
  const shown = textTable(
    ["source", "column", "tag", "confidence", "why"],
    files.flatMap(({ source, tags }) =>
      tags.map((t) => [source, t.column, t.tag, t.confidence, t.reason] as const),
    ),
  );
  const unmeasured = files.filter(({ truthColumn }) => truthColumn === undefined);
  return [
    shown,
    "",
    `${counted(rows, "row")}, ${counted(profiles, "person", "people")}: ${out}.`,
    ...files.map(idLine),
    ...(evaluation === undefined ? [] : qualityLines(evaluation)),
    ...(evaluation === undefined || unmeasured.length === 0
      ? []
      : [`Not measured, for want of a truth: ${unmeasured.map(({ source }) => source).join(", ")}.`]),
    ...files.flatMap((file) => (file.rejected.count === 0 ? [] : [rejectedText(file)])),
  ].join("\n");
}

function idLine({ source, rows, idColumn }: ResolvedFile): string {
  const id =
    idColumn === undefined
      ? "no column names the rows, so the id is the row's number"
      : `the id is ${idColumn}`;
  return `  ${source}: ${counted(rows, "row")}, ${id}.`;
}

function rejectedText({ source, rejected: { count, first } }: ResolvedFile): string {
  const lines = first.map(({ line, reason }) => `  line ${line ?? "?"}: ${reason}`);
  const more = count > first.length ? [`  and ${count - first.length} more`] : [];
  const head = `${counted(count, "malformed line")} of ${source} without an id:`;
  return [head, ...lines, ...more].join("\n");
}

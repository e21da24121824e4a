import { stat } from "node:fs/promises";
import type { Command } from "commander";
import { OneCopyError } from "../../../base/index.ts";
import {
  bandText,
  type LabelledMeasure,
  measureLabelled,
  readFile,
  readLabels,
} from "../../../identity/index.ts";
import { scan } from "../../../table/index.ts";
import { counted, print, printJson, textTable } from "../../output.ts";
import { qualityLines } from "../quality.ts";
import { onPeople, type People } from "./on-people.ts";

export function evaluate(commands: Command): void {
  commands
    .command("evaluate")
    .description(
      "measure the people against labels: precision, recall and F1 of pairs and B-cubed, and what scores promised",
    )
    .requiredOption(
      "--truth <file>",
      "a file (CSV, JSON lines, Parquet) or a table of the lake with the columns source, id, person; or what `identity review` wrote, with its column same filled in",
    )
    .addHelpText("after", "\nExample:\n  $ onecopy identity evaluate --truth people.csv")
    .action(async ({ truth }: { readonly truth: string }, command: Command) => {
      await onPeople(command, { confined: false }, async (people, json) => {
        const { session } = people.workspace;
        const labels = await readLabels(session, await relationOf(people, truth), truth);
        const found = await measureLabelled(session, people, labels);
        if (json) printJson({ ...found, people: found.people ?? null, pairs: found.pairs ?? null });
        else print(shown(found));
      });
    });
}

/** A file that is there comes before a table of that name. */
async function relationOf({ workspace }: People, truth: string): Promise<string> {
  const isFile = await stat(truth).then(
    (found) => found.isFile(),
    () => false,
  );
  if (isFile) {
    const { rejected, table } = await readFile(workspace.session, truth, "identity_labels");
    const [first] = rejected.first;
    if (first !== undefined)
      throw new OneCopyError(
        "identity.bad_labels",
        `${truth} has ${counted(rejected.count, "malformed line")}, the first is line ${first.line ?? "?"}: ${first.reason}.`,
        { remedy: "Correct them." },
      );
    return table;
  }
  const snapshot = /^[^./]+\.[^./]+$/.test(truth) ? await workspace.catalog.snapshot(truth) : undefined;
  if (snapshot !== undefined) return await scan(workspace.session, snapshot);
  throw new OneCopyError("cli.no_truth", `There is neither a file nor a table ${truth}.`, {
    remedy: "Check the path, or name a table as namespace.table.",
  });
}

function shown({ people, pairs, bands }: LabelledMeasure): string {
  const lines = people === undefined ? [] : qualityLines(people);
  if (pairs !== undefined)
    lines.push(
      `Measured on ${counted(pairs.pairs, "labelled pair")}, not drawn at random: the shares hold for nothing else.`,
      `  precision ${pairs.precision.toFixed(4)}, recall ${pairs.recall.toFixed(4)}, F1 ${pairs.f1.toFixed(4)}`,
    );
  if (bands.length > 0)
    lines.push(
      "",
      textTable(
        ["score (log2 odds)", "pairs", "expected precision", "true precision"],
        bands.map((band) => [
          bandText(band),
          band.pairs,
          band.expectedPrecision.toFixed(4),
          band.truePrecision.toFixed(4),
        ]),
      ),
    );
  return lines.join("\n");
}

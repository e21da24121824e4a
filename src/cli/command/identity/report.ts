import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { bandText, type IdentityReport, identityReport, reportPage } from "../../../identity/index.ts";
import { lastMovement } from "../../../run/index.ts";
import { counted, print, printJson, textTable } from "../../output.ts";
import { onPeople } from "./on-people.ts";

export function report(commands: Command): void {
  commands
    .command("report")
    .description(
      "how the people came about: health figures without labels, field weights, threshold curve, records that nothing can link, what blocking cost, the largest profiles, jitter",
    )
    .option(
      "--html <file>",
      "write it as a page with charts, one file that needs nothing else; it holds values that many people share",
    )
    .addHelpText("after", "\nExample:\n  $ onecopy identity report --html people.html")
    .action(async ({ html }: { readonly html?: string }, command: Command) => {
      await onPeople(command, { confined: true }, async ({ workspace, ...people }, json) => {
        const found = await identityReport(workspace.session, people, await lastMovement(workspace));
        const { name } = workspace.revision.config;
        if (html !== undefined) await writeFile(html, reportPage(found, name, new Date()));
        if (json) printJson(found);
        else print(html === undefined ? shown(found) : `${summary(found)} The page is ${html}.`);
      });
    });
}

function summary({ records, profiles, health }: IdentityReport): string {
  const failed = health.filter(({ passes }) => !passes);
  const verdict =
    failed.length === 0
      ? "All health figures pass."
      : `Of ${counted(health.length, "health figure")}, ${failed.length} failed.`;
  return `${counted(records, "record")}, ${counted(profiles, "profile")}. ${verdict}`;
}

function shown(found: IdentityReport): string {
  const { health, weights, bands, curve, unlinkable, blocks, sharedValues, largest, movement } = found;
  const sections: readonly (readonly [string, string])[] = [
    [
      "Health, without labels",
      textTable(
        ["figure", "found", "of", "share", "at most", ""],
        health.map((check) => [
          check.name,
          check.found,
          check.of,
          percent(check.share),
          percent(check.limit),
          check.passes ? "passes" : "FAILS",
        ]),
      ),
    ],
    [
      "Jitter",
      movement === null || movement.of === 0
        ? "Known after the next run that changes something."
        : `The last run moved ${movement.moved.toLocaleString("en")} of ${counted(movement.of, "record")}: ${percent(movement.jitter)}.`,
    ],
    [
      "Field weights (m: share of pairs of one person at this level; u: of strangers; weight: log2 of m/u)",
      textTable(
        ["field", "level", "m", "household", "u", "weight"],
        [
          ["prior", "any two records", null, null, null, weights.priorPerson.toFixed(2)],
          ...weights.fields.flatMap(({ name, levels }) =>
            levels.map((level) => [
              name,
              level.name,
              level.person.toFixed(5),
              level.household.toFixed(5),
              level.stranger.toFixed(7),
              level.weight.toFixed(2),
            ]),
          ),
        ],
      ),
    ],
    [
      "What a threshold on pairs would give (expected; profiles need none)",
      textTable(
        ["weight above", "pairs", "precision", "recall"],
        curve.map((point) => [
          point.above,
          point.pairs,
          point.expectedPrecision.toFixed(4),
          point.expectedRecall.toFixed(4),
        ]),
      ),
    ],
    [
      "Bands of scores",
      textTable(
        ["weight", "pairs", "expected precision", "can the data tell?"],
        bands.map((band) => [
          bandText(band),
          band.pairs,
          band.expectedPrecision.toFixed(4),
          band.needsLabels === null ? "yes" : `not without labels: ${band.needsLabels}`,
        ]),
      ),
    ],
    [
      `Records that nothing can link: ${unlinkable.records.toLocaleString("en")} of ${unlinkable.of.toLocaleString("en")}`,
      textTable(
        ["fields that are filled in", "records", "best weight"],
        unlinkable.patterns.map(({ fields, records, bestWeight }) => [
          fields.join(", ") || "none",
          records,
          bestWeight.toFixed(1),
        ]),
      ),
    ],
    [
      "What blocking cost",
      textTable(
        ["key", "pairs", "values refined", "records skipped"],
        blocks
          .filter(({ pairs, skippedRecords }) => pairs > 0 || skippedRecords > 0)
          .map((block) => [block.key, block.pairs, block.refinedValues, block.skippedRecords]),
      ),
    ],
    [
      "Values that identify nobody",
      textTable(
        ["kind", "value", "records", "given names", "surnames"],
        sharedValues.map((one) => [one.kind, one.value, one.records, one.givenNames, one.surnames]),
      ),
    ],
    [
      "The largest profiles",
      textTable(
        ["profile", "records", "sources"],
        largest.map(({ profileId, records, sources }) => [profileId, records, sources]),
      ),
    ],
  ];
  return [summary(found), ...sections.map(([title, body]) => `${title}\n\n${body}`)].join("\n\n");
}

function percent(share: number): string {
  return `${(share * 100).toFixed(3)}%`;
}

import { writeFile } from "node:fs/promises";
import { type Command, InvalidArgumentError } from "commander";
import { pairsToReview, recordText, type ReviewPair, reviewCsv } from "../../../identity/index.ts";
import { counted, print, printJson, textTable } from "../../output.ts";
import { onPeople } from "./on-people.ts";

interface ReviewOptions {
  readonly count: number;
  readonly out?: string;
}

export function review(commands: Command): void {
  commands
    .command("review")
    .description("propose the pairs of records whose answer (one person or not) would say most")
    .option("-n, --count <pairs>", "how many", readCount, 20)
    .option(
      "-o, --out <file.csv>",
      "write them as CSV with an empty column same, for `identity evaluate --truth` once it is filled in (yes, no); it holds customers' values",
    )
    .addHelpText(
      "after",
      "\nExample:\n  $ onecopy identity review --out pairs.csv     # answer yes or no in the column same\n  $ onecopy identity evaluate --truth pairs.csv",
    )
    .action(async ({ count, out }: ReviewOptions, command: Command) => {
      await onPeople(command, { confined: true }, async ({ workspace, ...people }, json) => {
        const pairs = await pairsToReview(workspace.session, people, count);
        if (out !== undefined) await writeFile(out, reviewCsv(pairs));
        if (json) printJson({ pairs, out: out ?? null });
        else if (out === undefined) print(pairs.length === 0 ? NONE : pairs.map(shown).join("\n\n"));
        else
          print(
            `${counted(pairs.length, "pair")}: ${out}. Answer yes or no in the column same, then \`onecopy identity evaluate --truth ${out}\`.`,
          );
      });
    });
}

const NONE = "No two records are enough alike for a question.";

function readCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 10_000)
    throw new InvalidArgumentError("It must be a whole number from 1 to 10000.");
  return count;
}

function shown({ left, right, probability, weight, sameProfile, evidence }: ReviewPair): string {
  const names = [left, right].map(recordText);
  return [
    `${names.join(" and ")}: probability ${probability.toFixed(4)}, weight ${weight.toFixed(2)}, ${sameProfile ? "one profile" : "two profiles"} now`,
    textTable(
      ["evidence", "level", ...names, "weight"],
      evidence
        .filter(({ comparison }) => comparison !== "prior")
        .map((step) => [step.comparison, step.level, step.left, step.right, step.weight.toFixed(2)]),
    ),
  ].join("\n");
}

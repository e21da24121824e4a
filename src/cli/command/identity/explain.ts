import type { Command } from "commander";
import {
  type LinkRow,
  type PairExplanation,
  type RecordName,
  explain as explainPair,
  leftOf,
  newestLinks,
  readLinks,
  recordKey,
  rightOf,
} from "../../../identity/index.ts";
import { print, printJson, textTable } from "../../output.ts";
import { onPeople, recordName } from "./on-people.ts";

export function explain(commands: Command): void {
  commands
    .command("explain")
    .description("why two records are, or are not, one person, as a sum of weights")
    .argument("<record>", "SOURCE:ID, with an id as the source has it")
    .argument("<other>", "another record")
    .addHelpText("after", "\nExample:\n  $ onecopy identity explain web_shop:100001 support_desk:T-2044")
    .action(async (left: string, right: string, _options: unknown, command: Command) => {
      const [a, b] = [recordName(left), recordName(right)];
      await onPeople(command, { confined: true }, async ({ workspace, ...people }, json) => {
        const found = await explainPair(workspace.session, people, a, b);
        const decided = newestLinks(await readLinks(workspace)).find((row) => isOf(row, a, b));
        if (json) printJson({ left: a, right: b, ...found, decidedByHand: decided ?? null });
        else print(waterfall(left, right, found, decided));
      });
    });
}

function waterfall(
  left: string,
  right: string,
  { evidence, weight, probability, sameProfile }: PairExplanation,
  decided: LinkRow | undefined,
): string {
  const rows = evidence.map((e) => [e.comparison, e.level, e.left, e.right, e.weight.toFixed(2)]);
  const total = ["total", `probability ${probability.toFixed(4)}`, null, null, weight.toFixed(2)];
  return [
    textTable(["evidence", "level", left, right, "weight"], [...rows, total]),
    "",
    sameProfile ? "They are one person." : "They are not one person.",
    ...(decided === undefined ? [] : [decision(decided)]),
    "A weight is log2 of how much likelier this is for one person than for two; other records can join or part a pair.",
  ].join("\n");
}

/** What a steward decided of the very two; it wins over the weights. */
function decision({ kind, made_by, made_at, message }: LinkRow): string {
  const what = kind === "link" ? "linked" : "kept apart";
  return `They were ${what} by hand, by ${made_by} at ${made_at}${message === "" ? "" : `: ${message}`}. That wins over the weights.`;
}

function isOf(row: LinkRow, a: RecordName, b: RecordName): boolean {
  const [left, right] = [recordKey(leftOf(row)), recordKey(rightOf(row))];
  const [one, other] = [recordKey(a), recordKey(b)];
  return (one === left && other === right) || (one === right && other === left);
}

import type { Evidence, Link } from "../api/shape.ts";
import { capitalised, formatCell, formatTimes } from "../look/format.ts";
import { wordsOf } from "./name.ts";

/** One step of the waterfall: from the weight so far (`from`) to the weight with this evidence (`to`). */
export interface Step {
  readonly kind: "start" | "evidence" | "sum";
  readonly text: string;
  readonly detail: string | undefined;
  readonly weight: number;
  readonly from: number;
  readonly to: number;
}

/** The comparison under which the model says how seldom two records are one person at all. */
const prior = "prior";

/**
 * The waterfall of a link: where any two records start, what each comparison adds or takes, and where that ends.
 * The start is what the link's weight holds beyond its comparisons, so that the bars meet whatever was rounded.
 */
export function waterfallOf(link: Link): readonly Step[] {
  const compared = link.evidence.filter(({ comparison, weight }) => comparison !== prior && isShown(weight));
  const start = link.weight - compared.reduce((sum, { weight }) => sum + weight, 0);
  const steps: Step[] = [];
  if (isShown(start)) {
    steps.push({
      kind: "start",
      text: "Any two records",
      detail:
        start < 0 ? `one pair in ${formatTimes(2 ** -start)} is one person` : "before anything is compared",
      weight: start,
      from: 0,
      to: start,
    });
  }
  let soFar = start;
  for (const evidence of compared.toSorted((a, b) => b.weight - a.weight)) {
    const to = soFar + evidence.weight;
    steps.push({ kind: "evidence", ...sentenceOf(evidence), weight: evidence.weight, from: soFar, to });
    soFar = to;
  }
  steps.push({
    kind: "sum",
    text: "Together",
    detail: oddsOf(link),
    weight: link.weight,
    from: 0,
    to: link.weight,
  });
  return steps;
}

/** Whether a weight is more than the page would print as 0.0. */
function isShown(weight: number): boolean {
  return Math.abs(weight) >= 0.05;
}

/** What was compared and what came out, as one would say it. */
function sentenceOf({ comparison, level, left, right, weight }: Evidence): {
  text: string;
  detail: string | undefined;
} {
  const leftText = formatCell(left);
  const rightText = formatCell(right);
  const text = capitalised(outcomeOf(comparison, level, weight));
  if (leftText === undefined && rightText === undefined) return { text, detail: undefined };
  if (leftText === rightText) return { text, detail: leftText };
  return { text, detail: `${leftText ?? "–"} / ${rightText ?? "–"}` };
}

/** Comparisons whose levels say what was compared. */
const saidByLevel: ReadonlySet<string> = new Set(["place", "household", "record"]);

/** The outcomes that every comparison has read as a sentence, the others as they are called. */
function outcomeOf(comparison: string, level: string, weight: number): string {
  if (comparison === "rarity") return `the values that agree are ${weight > 0 ? "rare" : "common"}`;
  if (saidByLevel.has(comparison) && level !== "different") return level;
  const name = wordsOf(comparison);
  if (level === "different") return `different ${name}`;
  if (level === "exact") return `same ${name}`;
  if (level.startsWith("exact, ")) return `same ${name}, ${level.slice("exact, ".length)}`;
  return `${name}: ${level}`;
}

/** "one person with 99.9 %". A model is never sure, so neither end is rounded to certainty. */
function oddsOf({ probability }: Link): string {
  if (probability > 0.9999) return "one person with more than 99.99 %";
  if (probability < 0.0001) return "one person with less than 0.01 %";
  // Near either end the second digit says something; cut, so that it does not round up to the next.
  const digits = probability > 0.99 || probability < 0.01 ? 2 : 1;
  const percent = Math.floor(probability * 100 * 10 ** digits) / 10 ** digits;
  return `one person with ${percent.toFixed(digits)} %`;
}

/** What a weight means: "4,100× likelier". Weights are powers of two; two digits of the factor are enough. */
export function likelihoodOf(weight: number): string {
  const times = 2 ** Math.abs(weight);
  if (times < 1.05) return "says nothing";
  return `${formatTimes(times)}× ${weight > 0 ? "likelier" : "less likely"}`;
}

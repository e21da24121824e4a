import { bandText } from "../bands.ts";
import type { IdentityReport } from "../report.ts";
import { lineChart, percent } from "./chart.ts";
import { type Html, html } from "./html.ts";
import { table } from "./table.ts";

/** The threshold curve, and the bands of scores with what is expected of each. */
export function scoreSection({ curve, bands }: IdentityReport): Html {
  if (curve.length === 0)
    return html`<h2>Scores</h2>
      <p>No two records are enough alike to have a score.</p>`;
  return html`<h2>What a threshold would give</h2>
    <p class="soft">
      Expected, by the pairs' own probabilities, if pairs above a weight were put together one by one. Recall
      is of the pairs of one person that are among the compared ones. Profiles are made from all pairs of a
      group at once, and need no threshold.
    </p>
    ${lineChart(
      "Expected precision and recall by threshold",
      "weight of a pair (log2 odds) above which it counts",
      [
        {
          name: "expected precision",
          style: "one",
          points: curve.map(({ above, expectedPrecision }) => ({ x: above, y: expectedPrecision })),
        },
        {
          name: "expected recall",
          style: "two",
          points: curve.map(({ above, expectedRecall }) => ({ x: above, y: expectedRecall })),
        },
      ],
    )}
    <h3>Bands of scores</h3>
    ${table(
      [
        { title: "weight", cell: bandText },
        { title: "pairs", number: true, cell: ({ pairs }) => pairs.toLocaleString("en") },
        {
          title: "expected precision",
          number: true,
          cell: ({ expectedPrecision }) => percent(expectedPrecision, 2),
        },
        {
          title: "can the data tell whether that holds?",
          cell: ({ needsLabels }) =>
            needsLabels === null ? "yes" : html`<span class="bad">not without labels</span>: ${needsLabels}`,
        },
      ],
      bands,
    )}`;
}

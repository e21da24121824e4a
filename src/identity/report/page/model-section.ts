import type { FieldWeight } from "../field-weights.ts";
import type { IdentityReport } from "../report.ts";
import { type Bar, barChart, percent } from "./chart.ts";
import { type Html, html } from "./html.ts";
import { table } from "./table.ts";

/** What each field weighs, and the shares (m and u) that this comes from. */
export function modelSection({ weights }: IdentityReport): Html {
  const { priorPerson, priorHousehold, fields } = weights;
  return html`<h2>What each field weighs</h2>
    <p>
      Any two records: ${priorPerson.toFixed(1)} for one
      person${priorHousehold <= -1000 ? "" : `, ${priorHousehold.toFixed(1)} for two people of one household`}.
      What a pair says of its fields is added; values that are rarer than usual add more.
    </p>
    ${fields.map((field) => fieldChart(field, fields))}
    <h3>The shares behind it</h3>
    <p class="soft">
      m: of pairs of one person, the share at this level; household: of pairs of two people of one household;
      u: of pairs of strangers. The weight is log2 of m / u.
    </p>
    ${table(
      [
        { title: "field", cell: ({ field }) => field },
        { title: "level", cell: ({ level }) => level.name },
        { title: "m", number: true, cell: ({ level }) => percent(level.person, 3) },
        { title: "household", number: true, cell: ({ level }) => percent(level.household, 3) },
        { title: "u", number: true, cell: ({ level }) => percent(level.stranger, 4) },
        { title: "weight", number: true, cell: ({ level }) => level.weight.toFixed(2) },
      ],
      fields.flatMap(({ name, levels }) => levels.map((level) => ({ field: name, level }))),
    )}`;
}

function fieldChart(field: FieldWeight, fields: readonly FieldWeight[]): Html {
  return html`<h3>${field.name}</h3>
    ${barChart(`Weights of ${field.name}`, barsOf(field), fields.flatMap(barsOf))}`;
}

function barsOf({ levels }: FieldWeight): Bar[] {
  return levels.map(({ name, weight }) => ({ label: name, value: weight, text: weight.toFixed(1) }));
}

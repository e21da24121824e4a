import type { IdentityReport } from "../report.ts";
import { barChart, percent } from "./chart.ts";
import { Html, html } from "./html.ts";
import { modelSection } from "./model-section.ts";
import { scoreSection } from "./score-section.ts";
import { style } from "./style.ts";
import { table } from "./table.ts";

/**
 * A report as one HTML file: no script, nothing that is loaded from anywhere, every value escaped. `title` names what was resolved,
 * `madeAt` when the report was made.
 */
export function reportPage(report: IdentityReport, title: string, madeAt: Date): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>People of ${title}</title>
        <style>
          ${plain(style)}
        </style>
      </head>
      <body>
        <h1>People of ${title}</h1>
        <p class="soft">
          How ${whole(report.records)} records became ${whole(report.profiles)} profiles; made by OneCopy on
          ${madeAt.toISOString().slice(0, 16).replace("T", " ")} UTC. A weight is log2 of how much likelier
          something is for one person than for two: 10 is a thousand to one.
        </p>
        ${tiles(report)} ${healthSection(report)} ${scoreSection(report)} ${modelSection(report)}
        ${recordSection(report)} ${blockSection(report)} ${sizeSection(report)}
      </body>
    </html> `;
  return page.text;
}

function plain(text: string): Html {
  return new Html(text);
}

function tiles({ records, profiles, movement, health, unlinkable }: IdentityReport): Html {
  const failed = health.filter(({ passes }) => !passes).length;
  const all: readonly (readonly [string, string])[] = [
    ["records", whole(records)],
    ["profiles", whole(profiles)],
    ["records a profile", profiles === 0 ? "–" : (records / profiles).toFixed(2)],
    ["health figures failed", `${failed} of ${health.length}`],
    [
      "records that nothing can link",
      percent(unlinkable.of === 0 ? 0 : unlinkable.records / unlinkable.of, 1),
    ],
    ["jitter of the last run", movement === null || movement.of === 0 ? "–" : percent(movement.jitter, 2)],
  ];
  return html`<ul class="tiles">
    ${all.map(([name, figure]) => html`<li><strong>${figure}</strong> ${name}</li>`)}
  </ul>`;
}

function healthSection({ health, sources, movement }: IdentityReport): Html {
  return html`<h2>Health, without labels</h2>
    ${table(
      [
        { title: "figure", cell: ({ name }) => name },
        { title: "found", number: true, cell: ({ found, of }) => `${whole(found)} of ${whole(of)}` },
        { title: "share", number: true, cell: ({ share }) => percent(share, 3) },
        { title: "at most", number: true, cell: ({ limit }) => percent(limit, 3) },
        {
          title: "",
          cell: ({ passes }) =>
            passes ? html`<span class="good">passes</span>` : html`<span class="bad">fails</span>`,
        },
        { title: "where the limit comes from", cell: ({ source }) => source },
      ],
      health,
    )}
    <p class="soft">
      ${
        movement === null || movement.of === 0
          ? "Jitter, the share of records whose profile changed, is known after the next run that changes something."
          : `The last run moved ${whole(movement.moved)} of the ${whole(movement.of)} records that were there before.`
      }
    </p>
    <h3>Sources</h3>
    ${table(
      [
        { title: "source", cell: ({ source }) => source },
        { title: "records", number: true, cell: ({ records }) => whole(records) },
        { title: "profiles", number: true, cell: ({ profiles }) => whole(profiles) },
      ],
      sources,
    )}`;
}

function recordSection({ unlinkable }: IdentityReport): Html {
  return html`<h2>Records that nothing can link</h2>
    <p>
      ${whole(unlinkable.records)} of ${whole(unlinkable.of)} records say so little that they would not be put
      together with a record that says the very same. They are not wrong: they are profiles of their own until
      more is known.
    </p>
    ${
      unlinkable.patterns.length === 0
        ? html``
        : table(
            [
              {
                title: "fields that are filled in",
                cell: ({ fields }) => (fields.length === 0 ? "none" : fields.join(", ")),
              },
              { title: "records", number: true, cell: ({ records }) => whole(records) },
              { title: "best weight", number: true, cell: ({ bestWeight }) => bestWeight.toFixed(1) },
            ],
            unlinkable.patterns,
          )
    }`;
}

function blockSection({ blocks, sharedValues }: IdentityReport): Html {
  const used = blocks.filter(({ pairs, skippedRecords }) => pairs > 0 || skippedRecords > 0);
  return html`<h2>What was compared, and what that cost</h2>
    <p class="soft">
      Records that share a key are compared. Values of a key that are too common are refined by more columns;
      records of values that stay too common are not compared by this key, but by others.
    </p>
    ${barChart(
      "Pairs that each key proposed",
      used.map(({ key, pairs }) => ({ label: key, value: pairs, text: whole(pairs) })),
    )}
    ${table(
      [
        { title: "key", cell: ({ key }) => key },
        { title: "pairs", number: true, cell: ({ pairs }) => whole(pairs) },
        { title: "values refined", number: true, cell: ({ refinedValues }) => whole(refinedValues) },
        { title: "records skipped", number: true, cell: ({ skippedRecords }) => whole(skippedRecords) },
      ],
      used,
    )}
    <h3>Values that identify nobody</h3>
    ${
      sharedValues.length === 0
        ? html`<p>None: no value stands with more names than one person, family or house has.</p>`
        : table(
            [
              { title: "kind", cell: ({ kind }) => kind },
              { title: "value", cell: ({ value }) => value },
              { title: "records", number: true, cell: ({ records }) => whole(records) },
              { title: "given names", number: true, cell: ({ givenNames }) => whole(givenNames) },
              { title: "surnames", number: true, cell: ({ surnames }) => whole(surnames) },
            ],
            sharedValues,
          )
    }`;
}

const shownSizes = 20;

function sizeSection({ sizes, largest }: IdentityReport): Html {
  const rest = sizes.slice(shownSizes).reduce((sum, { profiles }) => sum + profiles, 0);
  const bars = sizes.slice(0, shownSizes).map(({ records, profiles }) => ({
    label: records === 1 ? "1 record" : `${whole(records)} records`,
    // Most people are one or two records: the others would not be seen beside them.
    value: Math.log10(profiles + 1),
    text: whole(profiles),
  }));
  return html`<h2>Profiles by size</h2>
    <p class="soft">
      The bars' lengths are logarithms of the number of
      profiles.${rest === 0 ? "" : ` ${whole(rest)} larger ones are left out.`}
    </p>
    ${barChart("Profiles by number of records", bars)}
    <h3>The largest</h3>
    ${table(
      [
        { title: "profile", cell: ({ profileId }) => profileId },
        { title: "records", number: true, cell: ({ records }) => whole(records) },
        { title: "sources", number: true, cell: ({ sources }) => sources },
      ],
      largest,
    )}`;
}

function whole(n: number): string {
  return n.toLocaleString("en");
}

import type { HealthCheck } from "../api/shape.ts";
import { capitalised, formatCount, formatPercent } from "../look/format.ts";
import { Section } from "../look/Section.tsx";
import { Table } from "../look/Table.tsx";
import style from "./Health.module.css";

/** What people hardly ever are, counted: each figure passes while there is no more of it than its limit. */
export function Health({ checks }: { readonly checks: readonly HealthCheck[] }) {
  return (
    <Section
      id="health"
      title="Health"
      lead="Hardly anybody has four given names or a hundred records: where profiles look so, several people were mixed up. Where one e-mail stands in several profiles, one person was split."
    >
      <Table
        label="Health figures"
        rows={checks}
        keyOf={({ name }) => name}
        columns={[
          { title: "Figure", cell: ({ name }) => capitalised(name) },
          { title: "Verdict", cell: ({ passes }) => <Verdict passes={passes} /> },
          {
            title: "Found",
            number: true,
            cell: ({ found, of }) => `${formatCount(found)} of ${formatCount(of)}`,
          },
          { title: "Share", number: true, cell: ({ share }) => formatPercent(share) },
          { title: "At most", number: true, cell: ({ limit }) => formatPercent(limit) },
          {
            title: "Why this limit",
            cell: ({ source }) => <span className={style.why}>{capitalised(source)}.</span>,
          },
        ]}
      />
    </Section>
  );
}

function Verdict({ passes }: { readonly passes: boolean }) {
  return (
    <span className={style.verdict} data-passes={passes}>
      {passes ? "passes" : "fails"}
    </span>
  );
}

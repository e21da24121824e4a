import type { CurvePoint } from "../api/shape.ts";
import { formatCount, formatPercent } from "../look/format.ts";
import { Section } from "../look/Section.tsx";
import { Table } from "../look/Table.tsx";
import { likelihoodOf } from "../people/reason.ts";
import { chartOf, lowestShare } from "./chart.ts";
import style from "./Curve.module.css";

const lines = [
  { name: "right", text: "of the pairs that are joined, so many are one person", of: "expectedPrecision" },
  { name: "found", text: "of the pairs that are one person, so many are joined", of: "expectedRecall" },
] as const;

/** What would be if only surer pairs were joined. There is nothing to set: it shows what readiness costs. */
export function Curve({ points }: { readonly points: readonly CurvePoint[] }) {
  return (
    <Section
      id="curve"
      title="If only surer pairs were joined"
      lead="A pair’s weight is how much speaks for one person: each +1 makes it twice as likely. Pairs above 0 are joined. A stricter line joins fewer strangers and misses more people; expected from the weights themselves."
    >
      {points.length > 1 && (
        <div className={style.card}>
          <Chart points={points} />
          <ul className={style.legend}>
            {lines.map(({ name, text }) => (
              <li key={name} data-line={name}>
                {text}
              </li>
            ))}
          </ul>
        </div>
      )}
      <details className={style.figures}>
        <summary>Show the figures</summary>
        <Table
          label="What a stricter line would give"
          rows={points}
          keyOf={({ above }) => String(above)}
          columns={[
            { title: "Weight above", cell: ({ above }) => `${above}: ${likelihoodOf(above)}` },
            { title: "Pairs", number: true, cell: ({ pairs }) => formatCount(pairs) },
            { title: "Right", number: true, cell: (point) => formatPercent(point.expectedPrecision) },
            { title: "Found", number: true, cell: (point) => formatPercent(point.expectedRecall) },
          ]}
        />
      </details>
    </Section>
  );
}

function Chart({ points }: { readonly points: readonly CurvePoint[] }) {
  const from = lowestShare(points.flatMap((point) => lines.map(({ of }) => point[of])));
  const chart = chartOf(
    points.map(({ above }) => above),
    from,
  );
  return (
    <div
      className={style.chart}
      role="img"
      aria-label="Right and found pairs, by weight; the figures stand below"
    >
      {chart.shares.map(({ share, top }) => (
        <span key={share} className={style.share} style={{ top: `${top}%` }}>
          {formatPercent(share)}
        </span>
      ))}
      <svg className={style.plot} viewBox="0 0 100 100" preserveAspectRatio="none">
        {chart.shares.map(({ share, top }) => (
          <line key={share} className={style.grid} x1="0" x2="100" y1={top} y2={top} />
        ))}
        {lines.map(({ name, of }) => (
          <polyline
            key={name}
            data-line={name}
            points={points.map((point) => `${chart.x(point.above)},${chart.y(point[of])}`).join(" ")}
          />
        ))}
      </svg>
      <span className={style.axis}>weight of a pair</span>
      {chart.weights.map(({ weight, left }) => (
        <span key={weight} className={style.weight} style={{ left: `${left}%` }}>
          {weight}
        </span>
      ))}
    </div>
  );
}

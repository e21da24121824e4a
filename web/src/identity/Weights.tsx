import type { Field, IdentityReport } from "../api/shape.ts";
import { capitalised, formatTimes, formatWeight } from "../look/format.ts";
import { Section } from "../look/Section.tsx";
import { wordsOf } from "../people/name.ts";
import { likelihoodOf } from "../people/reason.ts";
import style from "./Weights.module.css";

/** What it says that two records agree in a field, or do not: learned from the records themselves. */
export function Weights({
  weights: { priorPerson, fields },
}: {
  readonly weights: IdentityReport["weights"];
}) {
  const scale = Math.max(1, ...fields.flatMap(({ levels }) => levels.map(({ weight }) => Math.abs(weight))));
  return (
    <Section
      id="weights"
      title="What each field says"
      lead={`Of any two records, one pair in ${formatTimes(2 ** -priorPerson)} is one person. Each field that they have in common makes that likelier or less likely; together they decide. Learned from these records: a field that is often mistyped or shared says less.`}
    >
      <ul className={style.fields}>
        {byStrength(fields).map((field) => (
          <li key={field.name} className={style.field}>
            <h3>{capitalised(wordsOf(field.name))}</h3>
            <ul className={style.levels}>
              {field.levels.map(({ name, weight }) => (
                <li key={name} className={style.level}>
                  <span className={style.name}>
                    {name === "exact" ? "the same" : name.replace(/^exact, /, "the same, ")}
                  </span>
                  <span className={style.chart} aria-hidden="true">
                    <span
                      className={style.bar}
                      data-side={weight >= 0 ? "for" : "against"}
                      style={{ width: `${(Math.abs(weight) / scale) * 50}%` }}
                    />
                  </span>
                  <span className={style.weight}>{formatWeight(weight)}</span>
                  <span className={style.times}>{likelihoodOf(weight)}</span>
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** Fields that can say most come first. */
function byStrength(fields: readonly Field[]): readonly Field[] {
  const most = ({ levels }: Field): number => Math.max(0, ...levels.map(({ weight }) => weight));
  return fields.toSorted((a, b) => most(b) - most(a));
}

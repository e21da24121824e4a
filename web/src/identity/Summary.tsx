import type { ReactNode } from "react";
import type { MadeReport } from "../api/shape.ts";
import { formatAge, formatCount, formatCountOf, formatDecimal, formatPercent } from "../look/format.ts";
import { Section } from "../look/Section.tsx";
import style from "./Summary.module.css";

/** The answer in five figures, and what it was made by. */
export function Summary({ made, nowMs }: { readonly made: MadeReport; readonly nowMs: number }) {
  const { report, model, resolvedAt } = made;
  const { records, profiles, health, movement, unlinkable } = report;
  const failed = health.filter(({ passes }) => !passes).length;
  return (
    <Section
      id="identity"
      title="How records became people"
      lead={
        <>
          Resolved {formatAge(resolvedAt, nowMs)}. {model !== null && modelText(model, nowMs)} All of it is
          counted without anybody saying who is who.
        </>
      }
    >
      <dl className={style.figures}>
        <Figure name="Records" value={formatCount(records)} />
        <Figure
          name="Profiles"
          value={formatCount(profiles)}
          note={profiles === 0 ? undefined : `${formatDecimal(records / profiles)} records each, on average`}
        />
        <Figure
          name="Health figures"
          value={failed === 0 ? "All pass" : `${formatCount(failed)} of ${formatCount(health.length)} failed`}
          alarm={failed > 0}
          note="see below"
        />
        <Figure
          name="Moved by the last run"
          value={movement === null || movement.of === 0 ? "–" : formatPercent(movement.jitter)}
          note={
            movement === null || movement.of === 0
              ? "known after the next run that changes something"
              : `${formatCount(movement.moved)} of ${formatCountOf(movement.of, "earlier record")} went to another profile`
          }
        />
        <Figure
          name="Say too little to be linked"
          value={unlinkable.of === 0 ? "–" : formatPercent(unlinkable.records / unlinkable.of)}
          note={`${formatCount(unlinkable.records)} of ${formatCountOf(unlinkable.of, "record")}`}
        />
      </dl>
    </Section>
  );
}

function modelText({ version, trainedAt, why }: NonNullable<MadeReport["model"]>, nowMs: number): string {
  const when = trainedAt === null ? "" : ` ${formatAge(trainedAt, nowMs)}`;
  return `Model ${formatCount(version)} was trained${when}, since ${why}.`;
}

interface FigureProps {
  readonly name: string;
  readonly value: string;
  readonly note?: ReactNode;
  readonly alarm?: boolean;
}

function Figure({ name, value, note, alarm = false }: FigureProps) {
  return (
    <div className={style.figure} data-alarm={alarm}>
      <dt>{name}</dt>
      <dd>
        <strong>{value}</strong>
        {note !== undefined && <span>{note}</span>}
      </dd>
    </div>
  );
}

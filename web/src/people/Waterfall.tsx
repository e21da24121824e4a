import type { Link } from "../api/shape.ts";
import { formatWeight } from "../look/format.ts";
import { likelihoodOf, waterfallOf, type Step } from "./reason.ts";
import style from "./Waterfall.module.css";

/** The evidence of one link as a waterfall: each bar starts where the one before it ended. */
export function Waterfall({ link }: { readonly link: Link }) {
  const steps = waterfallOf(link);
  const ends = steps.flatMap((step) => [step.from, step.to]);
  const low = Math.min(0, ...ends);
  const span = Math.max(0, ...ends) - low || 1;
  const percent = (weight: number) => ((weight - low) / span) * 100;
  return (
    <ol className={style.steps}>
      {steps.map((step, index) => (
        <li key={index} className={style.step} data-kind={step.kind}>
          <div className={style.text}>
            <p>{step.text}</p>
            {step.detail !== undefined && <p className={style.detail}>{step.detail}</p>}
          </div>
          <div className={style.chart} aria-hidden="true">
            <div className={style.zero} style={{ left: `${percent(0)}%` }} />
            <div
              className={style.bar}
              data-side={sideOf(step)}
              style={{
                left: `${percent(Math.min(step.from, step.to))}%`,
                width: `${Math.abs(percent(step.to) - percent(step.from))}%`,
              }}
            />
          </div>
          <div className={style.weight}>
            <p>{formatWeight(step.weight)}</p>
            {step.kind === "evidence" && <p className={style.times}>{likelihoodOf(step.weight)}</p>}
          </div>
        </li>
      ))}
    </ol>
  );
}

function sideOf(step: Step): "start" | "for" | "against" | "sum" {
  if (step.kind !== "evidence") return step.kind;
  return step.weight >= 0 ? "for" : "against";
}

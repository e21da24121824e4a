import type { ReactNode } from "react";
import type { Overview } from "../api/shape.ts";
import { formatCount, formatCountOf, formatDecimal, formatShare } from "../look/format.ts";
import { NoNode, Stage } from "./Stage.tsx";
import style from "./Profiles.module.css";

type ProfilesProps = Pick<Overview, "people" | "demo">;

/** The profiles that the records were resolved into and, where the truth is known, how right that is. */
export function Profiles({ people, demo }: ProfilesProps) {
  return (
    <Stage
      name="people"
      title="People"
      figure={formatCount(people.profiles)}
      note={people.profiles === 1 ? "profile, with a stable id" : "profiles, with stable ids"}
    >
      {people.profiles === 0 ? (
        <div data-node="people">
          <NoNode>No record has been resolved yet.</NoNode>
        </div>
      ) : (
        <div className={style.node} data-node="people">
          <p className={style.ratio}>
            <strong>{formatDecimal(people.records / people.profiles)}</strong> records a profile
          </p>
          <p className={style.note}>{formatCountOf(people.records, "record")} resolved</p>
          {demo !== null && <Rightness demo={demo} />}
        </div>
      )}
    </Stage>
  );
}

/** The demo's F1 beside that of the plain match that one would write in an afternoon. */
function Rightness({ demo }: { readonly demo: NonNullable<Overview["demo"]> }) {
  return (
    <div className={style.rightness}>
      <h4 className={style.question}>
        F1 <span>against the demo&rsquo;s known truth</span>
      </h4>
      <Bar label="OneCopy" share={demo.f1} ours />
      <Bar
        label={
          <>
            Plain match on <span className={style.word}>e-mail</span> or phone
          </>
        }
        share={demo.baselineF1}
      />
    </div>
  );
}

function Bar({ label, share, ours = false }: { label: ReactNode; share: number; ours?: boolean }) {
  return (
    <div className={style.bar} data-ours={ours}>
      <p>
        <span>{label}</span> <strong>{formatShare(share)}</strong>
      </p>
      <div className={style.track} aria-hidden="true">
        <div style={{ width: `${Math.min(1, Math.max(0, share)) * 100}%` }} />
      </div>
    </div>
  );
}

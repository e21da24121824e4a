import { Skeleton } from "@mantine/core";
import { usePeopleReport } from "../api/queries.ts";
import { Frame } from "../app/Frame.tsx";
import { Code, Commands } from "../look/Code.tsx";
import { FailureNotice, Notice } from "../look/Notice.tsx";
import { Blocks } from "./Blocks.tsx";
import { Curve } from "./Curve.tsx";
import { Health } from "./Health.tsx";
import { Largest } from "./Largest.tsx";
import { Summary } from "./Summary.tsx";
import { Unlinkable } from "./Unlinkable.tsx";
import { Weights } from "./Weights.tsx";
import style from "./Identity.module.css";

/** How the records became people: whether to trust it, what it goes by, and where to look. */
export function Identity() {
  const made = usePeopleReport();
  const { data, error } = made;
  return (
    <Frame page="identity" skipTo={["health", "Skip to the health figures"]}>
      {data === undefined && error === null && <Counting />}
      {data === undefined && error !== null && (
        <div className={style.alone}>
          <FailureNotice error={error} onRetry={() => void made.refetch()} />
        </div>
      )}
      {data?.state === "nothing_yet" && <NothingYet />}
      {data?.state === "out_of_date" && <OutOfDate />}
      {data?.state === "made" && (
        <>
          <Summary made={data} nowMs={made.dataUpdatedAt} />
          <Health checks={data.report.health} />
          <Largest profiles={data.report.largest} />
          <Weights weights={data.report.weights} />
          <Curve points={data.report.curve} />
          <Blocks blocks={data.report.blocks} records={data.report.records} />
          <Unlinkable unlinkable={data.report.unlinkable} />
        </>
      )}
    </Frame>
  );
}

function Counting() {
  return (
    <div className={style.counting} role="status">
      <p className={style.wait}>Counting how the records became people. Of millions this takes a minute.</p>
      <Skeleton height={96} />
      <Skeleton height={260} />
    </div>
  );
}

function NothingYet() {
  return (
    <div className={style.alone}>
      <Notice title="No record has been resolved yet.">
        <p>The first run finds out which records are the same person:</p>
        <Commands lines={["onecopy run"]} />
        <p>This page fills by itself when it is through.</p>
      </Notice>
    </div>
  );
}

function OutOfDate() {
  return (
    <div className={style.alone}>
      <Notice title="A source has changed since the people were resolved.">
        <p>
          These figures are counted from the records that the people were made of. Bring them together again
          with <Code>onecopy run</Code>; this page then fills by itself.
        </p>
      </Notice>
    </div>
  );
}

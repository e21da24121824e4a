import { useMemo, useRef } from "react";
import { useMediaQuery } from "@mantine/hooks";
import type { Overview } from "../api/shape.ts";
import { Section } from "../look/Section.tsx";
import { recordEdges, stageEdges } from "./edges.ts";
import { Outlets } from "./Outlets.tsx";
import { Profiles } from "./Profiles.tsx";
import { Segments } from "./Segments.tsx";
import { Sources } from "./Sources.tsx";
import { Tables } from "./Tables.tsx";
import { useLines } from "./useLines.ts";
import style from "./Picture.module.css";

interface PictureProps {
  readonly overview: Overview;
  /** When the figures were read: ages are counted up to it. */
  readonly nowMs: number;
}

/** A record's way from its source to whoever reads it, with the live figure of each part. */
export function Picture({ overview, nowMs }: PictureProps) {
  const picture = useRef<HTMLOListElement>(null);
  const stacked = useMediaQuery("(max-width: 67.5rem)", undefined, { getInitialValueInEffect: false });
  const edges = useMemo(() => (stacked ? stageEdges : recordEdges(overview)), [stacked, overview]);
  const lines = useLines(picture, edges);
  return (
    <Section
      id="way"
      title="The way of a record"
      lead="Every table lives once, as files in your lake, and every commit is at once a Delta Lake commit and an Apache Iceberg commit. OneCopy keeps only the rules."
    >
      <div className={style.frame}>
        <svg className={style.lines} aria-hidden="true">
          {lines.map((line) => (
            <path key={line.key} d={line.path} strokeWidth={line.widthPx} />
          ))}
        </svg>
        <ol className={style.stages} ref={picture}>
          <Sources sources={overview.sources} />
          <Profiles people={overview.people} demo={overview.demo} />
          <Tables tables={overview.tables} />
          <Segments segments={overview.segments} />
          <Outlets nowMs={nowMs} syncs={overview.syncs} shares={overview.shares} />
        </ol>
      </div>
    </Section>
  );
}

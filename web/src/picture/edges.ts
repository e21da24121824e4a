import type { Overview, Source } from "../api/shape.ts";

/** A line of the picture between two nodes, by their ids; `volume` (0 to 1) becomes its width. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly volume: number;
}

const stages = ["sources", "people", "tables", "segments", "outlets"] as const;
export type StageName = (typeof stages)[number];

/** One line from stage to stage, for the narrow picture in which the stages stand below each other. */
export const stageEdges: readonly Edge[] = stages
  .slice(1)
  .map((stage, index) => ({ from: `stage:${stages[index]}`, to: `stage:${stage}`, volume: 0.2 }));

/**
 * How the parts of this installation hang together. Widths into and out of people are by records; the others
 * carry rules, not volume, and are thin.
 */
export function recordEdges({ sources, people, segments, syncs, shares }: Overview): readonly Edge[] {
  const most = Math.max(1, ...sources.map((source) => source.records));
  const known = new Set(segments.map((segment) => segment.name));
  return [
    ...sources.map((source) => ({
      from: `source:${source.name}`,
      to: describesPeople(source) ? "people" : "tables",
      volume: Math.sqrt(source.records / most),
    })),
    { from: "people", to: "tables", volume: people.profiles > 0 ? 1 : 0 },
    ...segments.map(({ name }) => ({ from: "tables", to: `segment:${name}`, volume: 0.1 })),
    ...syncs
      .filter(({ segment }) => known.has(segment))
      .map(({ name, segment }) => ({ from: `segment:${segment}`, to: `sync:${name}`, volume: 0.1 })),
    ...shares.map(({ name }) => ({ from: "tables", to: `share:${name}`, volume: 0.1 })),
  ];
}

/** Tags that say something about an order or a record, not about a person. */
const aboutNobody = /^(transaction_.+|currency|created_time|updated_time|foreign_key:.+)$/;

/** Whether a source's records are of people. Orders that only point to people are not resolved: they go past them. */
export function describesPeople({ tags }: Source): boolean {
  return Object.values(tags).some((tag) => !aboutNobody.test(tag));
}

import type { Segment } from "../api/shape.ts";
import { formatCount } from "../look/format.ts";
import { Node } from "./Node.tsx";
import { FirstOf, NoNode, Stage } from "./Stage.tsx";

const shownSegments = 6;

/** Rules that select profiles, each with the people that it selects now. */
export function Segments({ segments }: { readonly segments: readonly Segment[] }) {
  return (
    <Stage
      name="segments"
      title="Segments"
      figure={formatCount(segments.length)}
      note={segments.length === 1 ? "a rule, not a copy" : "rules, not copies"}
    >
      {segments.length === 0 && <NoNode>No segment is declared.</NoNode>}
      <FirstOf
        limit={shownSegments}
        nodes={segments.map((segment) => (
          <Node
            key={segment.name}
            id={`segment:${segment.name}`}
            title={segment.name}
            {...(segment.people === null ? {} : { figure: formatCount(segment.people) })}
            note={segment.description ?? "people"}
          />
        ))}
      />
    </Stage>
  );
}

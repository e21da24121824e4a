import type { Source } from "../api/shape.ts";
import { formatCount, formatCountOf } from "../look/format.ts";
import { describesPeople } from "./edges.ts";
import { Node } from "./Node.tsx";
import { FirstOf, NoNode, Stage } from "./Stage.tsx";
import style from "./Sources.module.css";

const shownSources = 8;

/** Where records come from, and what their columns mean. */
export function Sources({ sources }: { readonly sources: readonly Source[] }) {
  // Those that go past the people stand below, where their lines cross no other.
  const ordered = [
    ...sources.filter(describesPeople),
    ...sources.filter((source) => !describesPeople(source)),
  ];
  const records = sources.reduce((sum, source) => sum + source.records, 0);
  return (
    <Stage
      name="sources"
      title="Sources"
      figure={formatCount(sources.length)}
      note={formatCountOf(records, "record")}
    >
      {sources.length === 0 && <NoNode>No source is declared.</NoNode>}
      <FirstOf
        limit={shownSources}
        nodes={ordered.map((source) => (
          <SourceNode key={source.name} source={source} />
        ))}
      />
    </Stage>
  );
}

function SourceNode({ source }: { readonly source: Source }) {
  const tags = Object.entries(source.tags);
  return (
    <Node
      id={`source:${source.name}`}
      title={source.name}
      figure={formatCount(source.records)}
      note={source.kind === "mount" ? "mount, read in place" : "file drop"}
      details={{
        summary: formatCountOf(tags.length, "tag"),
        content: (
          <>
            <p className={`mono ${style.location}`}>{source.location}</p>
            <dl className={style.tags}>
              {tags.map(([column, tag]) => (
                <div key={column}>
                  <dt>{column}</dt>
                  <dd>{tag}</dd>
                </div>
              ))}
            </dl>
          </>
        ),
      }}
    />
  );
}

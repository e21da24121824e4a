import type { ReactNode } from "react";
import type { StageName } from "./edges.ts";
import style from "./Stage.module.css";

interface StageProps {
  readonly name: StageName;
  readonly title: string;
  readonly figure: string;
  readonly note: string;
  readonly children: ReactNode;
}

/** One stage of the way: its live figure, and below it its nodes. */
export function Stage({ name, title, figure, note, children }: StageProps) {
  return (
    <li className={style.stage} data-node={`stage:${name}`} data-stage={name}>
      <header className={style.header}>
        <h3 className={style.title}>{title}</h3>
        <p className={style.figure}>{figure}</p>
        <p className={style.note}>{note}</p>
      </header>
      <div className={style.body}>{children}</div>
    </li>
  );
}

/** What a stage shows that has no node. */
export function NoNode({ children }: { readonly children: ReactNode }) {
  return <p className={style.none}>{children}</p>;
}

interface FirstOfProps {
  readonly nodes: readonly ReactNode[];
  readonly limit: number;
}

/** The first `limit` nodes; the others are folded behind their number. */
export function FirstOf({ nodes, limit }: FirstOfProps) {
  // Folding a single node away would save nothing.
  const shown = nodes.length <= limit + 1 ? nodes : nodes.slice(0, limit);
  const folded = nodes.slice(shown.length);
  return (
    <>
      <ul className={style.nodes}>{shown}</ul>
      {folded.length > 0 && (
        <details className={style.more}>
          <summary>{folded.length} more</summary>
          <ul className={style.nodes}>{folded}</ul>
        </details>
      )}
    </>
  );
}

import { Fragment, type ReactNode } from "react";
import style from "./Node.module.css";

interface NodeProps {
  readonly id: string;
  readonly title: string;
  /** What stands at the title's right: mostly a figure. */
  readonly figure?: string;
  readonly note?: ReactNode;
  /** What unfolds below the node. */
  readonly details?: { readonly summary: string; readonly content: ReactNode };
}

/** One card of the picture, at which lines end. */
export function Node({ id, title, figure, note, details }: NodeProps) {
  return (
    <li className={style.node} data-node={id}>
      <p className={style.head}>
        <span className={style.title}>{breakable(title)}</span>
        {figure !== undefined && <span className={style.figure}>{figure}</span>}
      </p>
      {note !== undefined && <p className={style.note}>{note}</p>}
      {details !== undefined && (
        <details className={style.details}>
          <summary>
            {details.summary}
            <span className="unseen"> of {title}</span>
          </summary>
          {details.content}
        </details>
      )}
    </li>
  );
}

/** A name that may be broken after each of its underscores. */
function breakable(name: string): ReactNode {
  return name.split(/(?<=_)/).map((part, index) => (
    <Fragment key={index}>
      {part}
      <wbr />
    </Fragment>
  ));
}

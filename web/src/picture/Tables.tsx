import type { TableFigure } from "../api/shape.ts";
import { formatBytes, formatCount, formatCountOf } from "../look/format.ts";
import { namespacesOf, type Namespace } from "./namespace.ts";
import { NoNode, Stage } from "./Stage.tsx";
import style from "./Tables.module.css";

/** The tables of the lake by namespace; the unified ones, which people work with, are open. */
export function Tables({ tables }: { readonly tables: readonly TableFigure[] }) {
  const sizeBytes = tables.reduce((sum, table) => sum + table.sizeBytes, 0);
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  return (
    <Stage
      name="tables"
      title="Tables"
      figure={formatCount(tables.length)}
      note={`${formatCountOf(rows, "row")}, ${formatBytes(sizeBytes)}`}
    >
      {tables.length === 0 ? (
        <div data-node="tables">
          <NoNode>The lake has no table yet.</NoNode>
        </div>
      ) : (
        <div className={style.node} data-node="tables">
          {namespacesOf(tables).map((namespace) => (
            <NamespaceTables key={namespace.name} namespace={namespace} />
          ))}
        </div>
      )}
    </Stage>
  );
}

function NamespaceTables({ namespace: { name, meaning, tables } }: { readonly namespace: Namespace }) {
  return (
    <details className={style.namespace} open={name === "unified"}>
      <summary>
        <span className={style.name}>{name}</span>
        <span className={style.count}>{formatCountOf(tables.length, "table")}</span>
        {meaning !== undefined && <span className={style.meaning}>{meaning}</span>}
      </summary>
      <ul className={style.tables}>
        {tables.map((table) => (
          <li
            key={table.name}
            title={`version ${formatCount(table.version)}, ${formatCountOf(table.files, "file")}, ${formatBytes(table.sizeBytes)}`}
          >
            <span>{table.name.slice(name.length + 1)}</span>
            <span className={style.rows}>{formatCount(table.rows)}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}

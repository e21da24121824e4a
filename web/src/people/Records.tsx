import { useState } from "react";
import { Button } from "@mantine/core";
import type { SourceRecord } from "../api/shape.ts";
import { formatCount, formatCountOf } from "../look/format.ts";
import { tagRows, type TagCell } from "./difference.ts";
import { wordsOf } from "./name.ts";
import style from "./Records.module.css";

/** A profile can hold thousands of records; a screen can not. */
const recordsAtOnce = 24;

/** The records side by side: a column a record, a row a tag. */
export function Records({ records }: { readonly records: readonly SourceRecord[] }) {
  const [shown, setShown] = useState(recordsAtOnce);
  const visible = records.slice(0, shown);
  const rows = tagRows(visible);
  const hidden = records.length - visible.length;
  return (
    <section aria-labelledby="records-title">
      <div className={style.header}>
        <h4 id="records-title" className={style.title}>
          Source records
        </h4>
        {rows.some(({ cells }) => cells.some(({ kind }) => kind === "differs")) && (
          <p className={style.legend}>
            <span className={style.swatch} aria-hidden="true" /> differs from what most records say
          </p>
        )}
      </div>
      <div className={style.scroll} tabIndex={0} role="region" aria-label="Source records side by side">
        <table className={style.table}>
          <thead>
            <tr>
              <th scope="col">
                <span className="unseen">Tag</span>
              </th>
              {visible.map((record) => (
                <th key={`${record.source} ${record.recordId}`} scope="col">
                  <span className={style.source}>{record.source}</span>
                  <span className={`mono ${style.id}`}>{record.recordId}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.tag}>
                <th scope="row">{wordsOf(row.tag)}</th>
                {row.cells.map((cell, index) => (
                  <Cell key={index} cell={cell} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {hidden > 0 && (
        <Button size="xs" variant="default" mt="sm" onClick={() => setShown(shown + recordsAtOnce)}>
          Show {formatCount(Math.min(hidden, recordsAtOnce))} of {formatCountOf(hidden, "more record")}
        </Button>
      )}
    </section>
  );
}

function Cell({ cell }: { readonly cell: TagCell }) {
  if (cell.kind === "none") {
    return (
      <td className={style.none}>
        <span aria-hidden="true">–</span>
        <span className="unseen">no value</span>
      </td>
    );
  }
  return (
    <td>
      <div className={style.value}>
        {cell.kind === "agrees" ? (
          cell.text
        ) : (
          <mark className={style.differs}>
            {cell.text}
            <span className="unseen"> (differs)</span>
          </mark>
        )}
      </div>
    </td>
  );
}

import type { Session } from "../../src/engine/index.ts";
import type { CommitOutcome, Table } from "../../src/table/index.ts";

type Writer = (table: Table, session: Session, id: number) => Promise<CommitOutcome>;

/** How a process of OneCopy writes the row `id`. */
export const writers = {
  append: (table, session, id) =>
    table.write(session, { mode: "append", query: `SELECT ${id} AS id, 'append' AS writer, 0 AS touched` }),
  // Its own rows only: the new one, and the last one, which is touched once more.
  merge: (table, session, id) =>
    table.merge(session, {
      query: `SELECT ${id} AS id, 'merge' AS writer, 0 AS touched UNION ALL SELECT ${id - 1}, 'merge', 1 WHERE ${id} % 1000000 > 0`,
      on: ["id"],
    }),
} as const satisfies Record<string, Writer>;

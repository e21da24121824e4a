import type { Session } from "../../src/engine/index.ts";
import type { CommitOutcome, Table } from "../../src/table/index.ts";

type Writer = (table: Table, session: Session, id: number) => Promise<CommitOutcome>;

/** How a process of OneCopy writes the row `id`. */
export const writers = {
  append: (table, session, id) =>
    table.write(session, { mode: "append", query: `SELECT ${id} AS id, 'append' AS writer, 0 AS touched` }),
} as const satisfies Record<string, Writer>;

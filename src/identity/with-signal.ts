import type { Session } from "../engine/index.ts";

/** The same session; every statement ends when the signal says so. */
export function withSignal(session: Session, signal: AbortSignal): Session {
  return {
    scratchFolder: session.scratchFolder,
    reach: session.reach,
    run: (sql, options) => session.run(sql, { signal, ...options }),
    rows: (sql, options) => session.rows(sql, { signal, ...options }),
    arrays: (sql, options) => session.arrays(sql, { signal, ...options }),
    load: (table, columns) => session.load(table, columns),
    describe: (sql) => session.describe(sql),
    parseFilter: (where) => session.parseFilter(where),
    tableFilters: (sql) => session.tableFilters(sql),
    requireReadOnly: (sql) => session.requireReadOnly(sql),
    close: () => session.close(),
  };
}

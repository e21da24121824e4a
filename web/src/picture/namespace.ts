import type { TableFigure } from "../api/shape.ts";

export interface Namespace {
  readonly name: string;
  readonly meaning: string | undefined;
  readonly tables: readonly TableFigure[];
}

/** OneCopy's own namespaces, in the order in which a reader wants them; the owner's come between them and the logs. */
const own = [
  { name: "unified", meaning: "what people and segments work with" },
  { name: "identity", meaning: "which record is which person" },
  { name: "raw", meaning: "records as they came" },
];
const logs = { name: "_system", meaning: "logs of runs, access and deliveries" };

/** The tables (named "namespace.table") by namespace. */
export function namespacesOf(tables: readonly TableFigure[]): readonly Namespace[] {
  const byName = new Map<string, TableFigure[]>();
  for (const table of tables) {
    const name = table.name.slice(0, table.name.indexOf("."));
    const sameNamespace = byName.get(name);
    if (sameNamespace === undefined) byName.set(name, [table]);
    else sameNamespace.push(table);
  }
  const known = [...own, logs];
  const others = [...byName.keys()].filter((name) => !known.some((namespace) => namespace.name === name));
  const order = [...own, ...others.toSorted().map((name) => ({ name, meaning: undefined })), logs];
  return order.flatMap(({ name, meaning }) => {
    const tablesOf = byName.get(name);
    return tablesOf === undefined ? [] : [{ name, meaning, tables: tablesOf }];
  });
}

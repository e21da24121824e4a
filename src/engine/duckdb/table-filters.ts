import type { DuckDBConnection } from "@duckdb/node-api";
import type { ColumnPath, Filter } from "../filter.ts";
import { type Node, filterOf, record } from "./filter.ts";
import { syntaxTree } from "./syntax-tree.ts";

const unknown: Filter = { kind: "unknown" };

/**
 * Which rows of each table a SELECT needs at most, by the table's name in lower case, whatever schema it is said to be in:
 * of a table that stands in it several times, those that one of the places needs. A WHERE counts for a table that stands
 * in the FROM beside it, and that no join there fills up with nulls; names of columns count where no other table could
 * be meant. A table that is not told of may be needed whole.
 */
export async function tableFilters(
  connection: DuckDBConnection,
  sql: string,
): Promise<ReadonlyMap<string, Filter>> {
  const { statements } = await syntaxTree(connection, sql);
  const found = new Map<string, Filter[]>();
  const note = (table: Node, filter: Filter): void => {
    const name = String(table["table_name"]).toLowerCase();
    found.set(name, [...(found.get(name) ?? []), filter]);
  };
  const judged = new Set<unknown>();
  const open: unknown[] = [...statements];
  while (open.length > 0) {
    const node = open.pop();
    if (node === null || typeof node !== "object") continue;
    const { type } = node as Node;
    if (type === "SELECT_NODE" && record(node)["sample"] == null)
      for (const [table, filter] of filtered(record(node))) {
        judged.add(table);
        note(table, filter);
      }
    if (type === "BASE_TABLE" && !judged.has(node)) note(record(node), unknown);
    open.push(...Object.values(node));
  }
  return new Map([...found].map(([name, of]) => [name, of.length === 1 ? of[0]! : { kind: "or", of }]));
}

/** The tables of a FROM of which rows that the WHERE beside it refuses can be left out. */
function* filtered(select: Node): Generator<[table: Node, filter: Filter]> {
  const from = record(select["from_table"]);
  const where = record(select["where_clause"]);
  if (where["type"] === undefined) return;
  for (const table of keptTables(from)) {
    if (table["sample"] != null || (table["column_name_alias"] as unknown[] | undefined)?.length !== 0)
      continue;
    const filter = filterOf(where, false);
    yield [table, columnsOf(filter, String(table["alias"] || table["table_name"]), table === from)];
  }
}

const plainJoins = new Set(["REGULAR", "CROSS", "NATURAL"]);

/** Those on the sides of joins whose rows are only multiplied or left out, never made up of nulls. */
function* keptTables(from: Node): Generator<Node> {
  if (from["type"] === "BASE_TABLE") yield from;
  if (from["type"] !== "JOIN" || !plainJoins.has(String(from["ref_type"]))) return;
  const join = from["join_type"];
  if (join === "INNER" || join === "LEFT" || join === "SEMI" || join === "ANTI")
    yield* keptTables(record(from["left"]));
  if (join === "INNER" || join === "RIGHT") yield* keptTables(record(from["right"]));
}

/** The filter in the table's own columns; what may be about another table is unknown. */
function columnsOf(filter: Filter, alias: string, isAlone: boolean): Filter {
  switch (filter.kind) {
    case "and":
    case "or":
      return { kind: filter.kind, of: filter.of.map((one) => columnsOf(one, alias, isAlone)) };
    case "unknown":
    case "never":
      return filter;
    default: {
      const column = columnIn(filter.column, alias, isAlone);
      return column === undefined ? unknown : { ...filter, column };
    }
  }
}

/** `alias.column` is the table's before it is a field of a column of that name; longer names could be either. */
function columnIn(path: ColumnPath, alias: string, isAlone: boolean): ColumnPath | undefined {
  const [first, ...rest] = path;
  if (rest.length === 1 && first!.toLowerCase() === alias.toLowerCase()) return rest;
  return isAlone && path.length <= 2 ? path : undefined;
}

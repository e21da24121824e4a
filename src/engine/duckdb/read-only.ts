import type { DuckDBConnection } from "@duckdb/node-api";
import { notReadOnly, syntaxTree } from "./syntax-tree.ts";

/**
 * Functions that stand in FROM and only read. All others are refused, known or not: a SELECT may call functions
 * that write files (`enable_logging`), end the process, read its memory (`arrow_scan`), or run a text (`query`).
 */
const readers = new Set([
  ...["read_parquet", "parquet_scan", "parquet_schema", "parquet_metadata", "parquet_file_metadata"],
  ...["parquet_kv_metadata", "parquet_bloom_probe", "read_csv", "read_csv_auto", "sniff_csv"],
  ...["read_json", "read_json_auto", "read_json_objects", "read_json_objects_auto"],
  ...["read_ndjson", "read_ndjson_auto", "read_ndjson_objects", "read_text", "read_blob", "glob"],
  ...["delta_scan", "iceberg_scan", "iceberg_snapshots", "iceberg_metadata"],
  ...[
    "range",
    "generate_series",
    "unnest",
    "repeat",
    "repeat_row",
    "json_each",
    "json_tree",
    "summary",
    "histogram",
  ],
  ...[
    "duckdb_tables",
    "duckdb_views",
    "duckdb_columns",
    "duckdb_schemas",
    "duckdb_functions",
    "duckdb_types",
  ],
  ...["pragma_table_info", "pg_timezone_names", "icu_calendar_names"],
]);

/**
 * Refuses, with `engine.not_read_only`, all but one statement that reads. Judged by its syntax alone: preparing it
 * would already open files, and call what has to be refused.
 */
export async function requireReadOnly(connection: DuckDBConnection, sql: string): Promise<void> {
  const { statements } = await syntaxTree(connection, sql);
  if (statements.length !== 1)
    throw notReadOnly(`Exactly one statement is expected, found ${statements.length}.`);
  for (const name of tableFunctions(statements)) {
    if (!readers.has(name.toLowerCase()))
      throw notReadOnly(
        `The function ${name} is not among those that only read; it cannot stand in FROM here.`,
      );
  }
}

/** Names of the functions in FROM, anywhere in the statement. */
function tableFunctions(tree: unknown): string[] {
  const names: string[] = [];
  const open = [tree];
  while (open.length > 0) {
    const node = open.pop();
    if (node === null || typeof node !== "object") continue;
    if ("type" in node && node.type === "TABLE_FUNCTION" && "function" in node)
      names.push((node.function as { readonly function_name?: string }).function_name ?? "(unnamed)");
    open.push(...Object.values(node));
  }
  return names;
}

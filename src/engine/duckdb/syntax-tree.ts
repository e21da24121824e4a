import type { DuckDBConnection } from "@duckdb/node-api";
import { OneCopyError, parseLossless } from "../../base/index.ts";

type SyntaxTree =
  | { readonly error: false; readonly statements: readonly unknown[] }
  | { readonly error: true; readonly error_type: string; readonly error_message: string };

/**
 * The engine writes out the syntax of SELECT statements, and of no others: `engine.not_read_only`. What is no SQL
 * fails with `engine.query_failed`.
 */
export async function syntaxTree(
  connection: DuckDBConnection,
  sql: string,
): Promise<SyntaxTree & { error: false }> {
  const query = await connection.prepare("SELECT json_serialize_sql($1::VARCHAR)");
  try {
    query.bindVarchar(1, sql);
    const [row] = await (await query.run()).getRows();
    const tree = parseLossless(String(row?.[0])) as SyntaxTree;
    if (!tree.error) return tree;
    if (tree.error_type === "parser") throw new OneCopyError("engine.query_failed", tree.error_message);
    throw notReadOnly("Only a statement that reads is allowed here, this one may do something else.");
  } finally {
    query.destroySync();
  }
}

export function notReadOnly(message: string): OneCopyError {
  return new OneCopyError("engine.not_read_only", message, { remedy: "Write one SELECT." });
}

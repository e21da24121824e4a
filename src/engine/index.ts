export type { ColumnPath, Comparison, Constant, Filter } from "./filter.ts";
export type { Column, Engine, LoadedColumn, NumberColumn, RunOptions, Session, Value } from "./session.ts";
export { addresses } from "./reach/addresses.ts";
export type { Dialect, Operands } from "./dialect/dialect.ts";
export { duckdb } from "./dialect/duckdb.ts";
export { ident, literal, textList } from "./dialect/quote.ts";
export { spark } from "./dialect/spark.ts";
export { trino } from "./dialect/trino.ts";
export { type EngineOptions, openEngine } from "./duckdb/engine.ts";

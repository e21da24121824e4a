export type { ColumnPath, Comparison, Constant, Filter } from "./filter.ts";
export type { Column, Engine, LoadedColumn, NumberColumn, RunOptions, Session, Value } from "./session.ts";
export { addresses } from "./reach/addresses.ts";
export { ident, literal, textList } from "./dialect/quote.ts";
export { type EngineOptions, openEngine } from "./duckdb/engine.ts";

/*
 * `onecopy/table`: the table as a library of its own, with what it takes to use it: a store, an engine, a schema. It
 * knows no project, no configuration and no catalog. docs/table.md shows it at work.
 */
export { OneCopyError } from "../base/index.ts";
export { type Engine, type EngineOptions, type Session, openEngine } from "../engine/index.ts";
export { type Field, type LogicalType, type Schema, type SchemaChange, schemaOf } from "../schema/index.ts";
export { type Store, openStore } from "../storage/index.ts";
export * from "./index.ts";

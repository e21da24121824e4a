export { type Field, type LogicalType, type Schema, isDecimal } from "./type.ts";
export { typeFromEngine, typeToEngine } from "./engine.ts";
export { typeFromDelta, typeToDelta } from "./delta.ts";
export { typeFromIceberg, typeToIceberg } from "./iceberg.ts";
export { addFields, fieldNamed, ofColumn, schemaOf } from "./evolve.ts";

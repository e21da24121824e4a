export {
  type DecimalType,
  type Field,
  type ListType,
  type LogicalType,
  type MapType,
  type PrimitiveType,
  type Schema,
  type StructType,
  isDecimal,
  isNested,
  isPrimitive,
  physicalName,
} from "./type.ts";
export { typeFromEngine, typeToEngine } from "./engine.ts";
export { typeFromDelta, typeToDelta } from "./delta.ts";
export { fieldToIceberg, typeFromIceberg, typeToIceberg } from "./iceberg.ts";
export { addFields, fieldNamed, ofColumn, schemaOf } from "./evolve.ts";

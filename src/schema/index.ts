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
export { type EngineType, parseEngineType } from "./engine-type.ts";
export { type FieldDescription, typeFromDelta, typeToDelta } from "./delta.ts";
export { fieldToIceberg, typeFromIceberg, typeToIceberg } from "./iceberg.ts";
export { addFields, fieldNamed, ofColumn, schemaOf } from "./columns.ts";
export {
  type FieldPath,
  type Position,
  type SchemaChange,
  FreshIds,
  type Member,
  applySchemaChanges,
  memberAt,
  pathText,
  widening,
} from "./evolve/index.ts";
export { fieldIdsOf, mapIds, withFreshIds } from "./field-id.ts";
export { isPromotion, sameType } from "./type-rule.ts";
export { nameMapping } from "./name-mapping.ts";

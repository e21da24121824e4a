export { type DecimalType, type Field, type LogicalType, type Schema, isDecimal } from "./type.ts";

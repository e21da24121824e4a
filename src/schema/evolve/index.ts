export { applySchemaChanges } from "./apply.ts";
export { type FieldPath, type Position, type SchemaChange, pathText } from "./change.ts";
export { FreshIds } from "./fresh-ids.ts";
export { type Member, memberAt } from "./member.ts";
export { widening } from "./widening.ts";

import type { LogicalType } from "../type.ts";

/**
 * The way to a field: names from the top, where the element of a list is `element` and the key and the value of a map
 * are `key` and `value`, as in Iceberg and in Delta. Names differ in more than case.
 */
export type FieldPath = readonly string[];

/** A place among the fields of the same struct (or of the table). */
export type Position = "first" | { readonly after: string };

/** One change of a schema. `path` names the field that is changed, or will be there. */
export type SchemaChange =
  /** Rows that exist have null in it, so it may be null. Ids in `type` do not count: fresh ones are given. Without `position` it comes last. */
  | {
      readonly kind: "add";
      readonly path: FieldPath;
      readonly type: LogicalType;
      readonly comment?: string;
      readonly position?: Position;
    }
  | { readonly kind: "rename"; readonly path: FieldPath; readonly to: string }
  | { readonly kind: "drop"; readonly path: FieldPath }
  | { readonly kind: "move"; readonly path: FieldPath; readonly position: Position }
  /** To a type that holds every value of the one before; see `widening`. */
  | { readonly kind: "widen"; readonly path: FieldPath; readonly type: LogicalType }
  /** `false` is right only where no row has a null: whoever has the rows checks that. */
  | { readonly kind: "set-nullable"; readonly path: FieldPath; readonly nullable: boolean }
  /** `undefined` takes the comment away. */
  | { readonly kind: "comment"; readonly path: FieldPath; readonly comment: string | undefined };

/** A path as people read it: `address.street`. */
export function pathText(path: FieldPath): string {
  return path.join(".");
}

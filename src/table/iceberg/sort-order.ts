import { type Schema, fieldNamed } from "../../schema/index.ts";
import type { SortOrder } from "./metadata.ts";

/** Iceberg spec v2, "Sorting": ascending, nulls first, as OneCopy sorts on write. An order among the known ones, or a new one. */
export function sortOrderOf(
  schema: Schema,
  columns: readonly string[],
  known: readonly SortOrder[],
): SortOrder {
  const fields = columns.flatMap((name) => {
    const field = fieldNamed(schema, name);
    return field === undefined
      ? []
      : [
          {
            "source-id": field.id,
            transform: "identity",
            direction: "asc",
            "null-order": "nulls-first",
          },
        ];
  });
  const shape = (order: SortOrder["fields"]): string =>
    JSON.stringify(order.map((one) => [one["source-id"], one.transform, one.direction, one["null-order"]]));
  const same = known.find((order) => shape(order.fields) === shape(fields));
  if (same !== undefined) return same;
  // 0 is the order of what is not sorted.
  const id = fields.length === 0 ? 0 : Math.max(0, ...known.map((order) => order["order-id"])) + 1;
  return { "order-id": id, fields };
}

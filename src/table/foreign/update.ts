import { z } from "zod";
import { icebergSchema, long, partitionSpec, snapshot, snapshotRef, sortOrder } from "../iceberg/metadata.ts";

/* What an Iceberg client asks of a table: `TableUpdate` and `TableRequirement` of the REST specification. */

const int = z.number().int();
const texts = z.record(z.string().max(1000), z.string().max(1_000_000));

/** Ids are given here: a client may leave them out, or say -1. */
const newSpec = z.looseObject({
  fields: z.array(
    z.looseObject({
      "source-id": int,
      "field-id": int.optional(),
      name: z.string().min(1).max(1000),
      transform: z.string().max(100),
    }),
  ),
});

const statistics = z.looseObject({ "snapshot-id": long, "statistics-path": z.string() });

export const tableUpdate = z.discriminatedUnion("action", [
  z.object({ action: z.literal("assign-uuid"), uuid: z.uuid() }),
  z.object({ action: z.literal("upgrade-format-version"), "format-version": int }),
  z.object({ action: z.literal("add-schema"), schema: icebergSchema, "last-column-id": int.optional() }),
  z.object({ action: z.literal("set-current-schema"), "schema-id": int }),
  z.object({ action: z.literal("add-spec"), spec: newSpec }),
  z.object({ action: z.literal("set-default-spec"), "spec-id": int }),
  z.object({ action: z.literal("add-sort-order"), "sort-order": sortOrder.partial({ "order-id": true }) }),
  z.object({ action: z.literal("set-default-sort-order"), "sort-order-id": int }),
  z.object({ action: z.literal("add-snapshot"), snapshot }),
  z
    .object({
      action: z.literal("set-snapshot-ref"),
      "ref-name": z.string().min(1).max(1000),
      ...snapshotRef.shape,
    })
    .loose(),
  z.object({ action: z.literal("remove-snapshots"), "snapshot-ids": z.array(long) }),
  z.object({ action: z.literal("remove-snapshot-ref"), "ref-name": z.string() }),
  z.object({ action: z.literal("set-location"), location: z.string().max(4096) }),
  z.object({ action: z.literal("set-properties"), updates: texts }),
  z.object({ action: z.literal("remove-properties"), removals: z.array(z.string()) }),
  z.object({ action: z.literal("set-statistics"), statistics }),
  z.object({ action: z.literal("remove-statistics"), "snapshot-id": long }),
  z.object({ action: z.literal("set-partition-statistics"), "partition-statistics": statistics }),
  z.object({ action: z.literal("remove-partition-statistics"), "snapshot-id": long }),
  z.object({ action: z.literal("remove-partition-specs"), "spec-ids": z.array(int) }),
  z.object({ action: z.literal("remove-schemas"), "schema-ids": z.array(int) }),
]);

export const tableRequirement = z.discriminatedUnion("type", [
  z.object({ type: z.literal("assert-create") }),
  z.object({ type: z.literal("assert-table-uuid"), uuid: z.string() }),
  z.object({
    type: z.literal("assert-ref-snapshot-id"),
    ref: z.string(),
    "snapshot-id": long.nullish(),
  }),
  z.object({ type: z.literal("assert-last-assigned-field-id"), "last-assigned-field-id": int }),
  z.object({ type: z.literal("assert-current-schema-id"), "current-schema-id": int }),
  z.object({ type: z.literal("assert-last-assigned-partition-id"), "last-assigned-partition-id": int }),
  z.object({ type: z.literal("assert-default-spec-id"), "default-spec-id": int }),
  z.object({ type: z.literal("assert-default-sort-order-id"), "default-sort-order-id": int }),
]);

/** A table that is to be made (`CreateTableRequest`). The ids in it are the client's own, and are given anew. */
export const newTable = z.object({
  schema: icebergSchema,
  "partition-spec": partitionSpec.extend(newSpec.shape).nullish(),
  "write-order": sortOrder.nullish(),
  properties: texts.nullish(),
});

export type TableUpdate = z.output<typeof tableUpdate>;
export type TableRequirement = z.output<typeof tableRequirement>;
export type NewTable = z.output<typeof newTable>;

import type { TableMetadata } from "../iceberg/metadata.ts";
import type { TableRequirement } from "./update.ts";

/**
 * Why a table is not as a client takes it to be; `undefined`: it is. The words are those of Iceberg's own catalogs,
 * which clients show to people.
 */
export function unmetRequirement(
  metadata: TableMetadata,
  requirements: readonly TableRequirement[],
): string | undefined {
  for (const requirement of requirements) {
    const reason = unmet(metadata, requirement);
    if (reason !== undefined) return `Requirement failed: ${reason}`;
  }
  return undefined;
}

function unmet(metadata: TableMetadata, requirement: TableRequirement): string | undefined {
  const same = (what: string, expected: number, found: number): string | undefined =>
    expected === found ? undefined : `${what} changed: expected id ${expected} != ${found}`;
  switch (requirement.type) {
    case "assert-create":
      return "table already exists";
    case "assert-table-uuid": {
      const found = metadata["table-uuid"];
      return requirement.uuid.toLowerCase() === found.toLowerCase()
        ? undefined
        : `UUID does not match: expected ${found} != ${requirement.uuid}`;
    }
    case "assert-ref-snapshot-id":
      return unmetRef(metadata, requirement.ref, requirement["snapshot-id"] ?? undefined);
    case "assert-last-assigned-field-id":
      return same(
        "last assigned field id",
        requirement["last-assigned-field-id"],
        metadata["last-column-id"],
      );
    case "assert-current-schema-id":
      return same("current schema", requirement["current-schema-id"], metadata["current-schema-id"]);
    case "assert-last-assigned-partition-id":
      return same(
        "last assigned partition id",
        requirement["last-assigned-partition-id"],
        metadata["last-partition-id"],
      );
    case "assert-default-spec-id":
      return same("default partition spec", requirement["default-spec-id"], metadata["default-spec-id"]);
    case "assert-default-sort-order-id":
      return same(
        "default sort order",
        requirement["default-sort-order-id"],
        metadata["default-sort-order-id"],
      );
  }
}

function unmetRef({ refs = {} }: TableMetadata, name: string, expected: bigint | undefined) {
  const ref = Object.hasOwn(refs, name) ? refs[name] : undefined;
  if (ref === undefined)
    return expected === undefined ? undefined : `branch or tag ${name} is missing, expected ${expected}`;
  if (expected === undefined) return `${ref.type} ${name} was created concurrently`;
  const found = ref["snapshot-id"];
  return found === expected
    ? undefined
    : `${ref.type} ${name} has changed: expected id ${expected} != ${found}`;
}

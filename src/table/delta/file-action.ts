import type { DeletionVector } from "../snapshot.ts";

/*
 * Delta protocol, "Add File and Remove File", checked by hand: there are a hundred thousand of them in one log. What
 * is thrown here names the field; who reads the file says which line it is.
 */

export interface AddAction {
  /** Percent-encoded. */
  readonly path: string;
  readonly partitionValues: Readonly<Record<string, string | null>>;
  readonly size: number;
  readonly modificationTime: number;
  readonly dataChange: boolean;
  readonly stats: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly deletionVector?: DeletionVector | undefined;
}

export interface RemoveAction {
  readonly path: string;
  readonly dataChange: boolean;
  readonly deletionTimestamp: number | undefined;
  readonly partitionValues: Readonly<Record<string, string | null>> | undefined;
  readonly size: number | undefined;
  readonly deletionVector?: DeletionVector | undefined;
}

/** Delta protocol, "Add CDC File": rows that changed, with a column `_change_type`. */
export interface CdcAction {
  /** Percent-encoded. */
  readonly path: string;
  readonly partitionValues: Readonly<Record<string, string | null>>;
  readonly size: number;
}

export function parseAdd(value: unknown): AddAction {
  const add = recordOf(value, "add");
  return {
    path: text(add["path"], "add.path"),
    partitionValues: texts(add["partitionValues"], "add.partitionValues"),
    size: count(add["size"], "add.size"),
    modificationTime: number(add["modificationTime"], "add.modificationTime"),
    dataChange: flag(add["dataChange"], "add.dataChange"),
    stats: add["stats"] == null ? undefined : text(add["stats"], "add.stats"),
    tags: withoutNulls(texts(add["tags"], "add.tags")),
    ...vectorOf(add["deletionVector"], "add"),
  };
}

export function parseRemove(value: unknown): RemoveAction {
  const remove = recordOf(value, "remove");
  const { dataChange, deletionTimestamp, partitionValues, size } = remove;
  return {
    path: text(remove["path"], "remove.path"),
    dataChange: dataChange == null ? true : flag(dataChange, "remove.dataChange"),
    deletionTimestamp:
      deletionTimestamp == null ? undefined : number(deletionTimestamp, "remove.deletionTimestamp"),
    partitionValues: partitionValues == null ? undefined : texts(partitionValues, "remove.partitionValues"),
    size: size == null ? undefined : count(size, "remove.size"),
    ...vectorOf(remove["deletionVector"], "remove"),
  };
}

export function parseCdc(value: unknown): CdcAction {
  const cdc = recordOf(value, "cdc");
  return {
    path: text(cdc["path"], "cdc.path"),
    partitionValues: texts(cdc["partitionValues"], "cdc.partitionValues"),
    size: count(cdc["size"], "cdc.size"),
  };
}

/** Delta protocol, "Deletion Vector Descriptor Schema". */
export function parseVector(value: unknown, action: string): DeletionVector {
  const vector = recordOf(value, `${action}.deletionVector`);
  const storageType = vector["storageType"];
  if (storageType !== "u" && storageType !== "i" && storageType !== "p")
    fail(`${action}.deletionVector.storageType`, "u, i or p", storageType);
  const offset = vector["offset"];
  return {
    storageType,
    pathOrInlineDv: text(vector["pathOrInlineDv"], `${action}.deletionVector.pathOrInlineDv`),
    ...(offset == null ? {} : { offset: count(offset, `${action}.deletionVector.offset`) }),
    sizeInBytes: count(vector["sizeInBytes"], `${action}.deletionVector.sizeInBytes`),
    cardinality: count(vector["cardinality"], `${action}.deletionVector.cardinality`),
  };
}

export function texts(value: unknown, field: string): Readonly<Record<string, string | null>> {
  if (value == null) return {};
  const record = recordOf(value, field);
  for (const key in record)
    if (record[key] !== null && typeof record[key] !== "string")
      fail(`${field}.${key}`, "a text or null", record[key]);
  return record as Record<string, string | null>;
}

export function withoutNulls(
  tags: Readonly<Record<string, string | null>>,
): Readonly<Record<string, string>> {
  for (const key in tags)
    if (tags[key] === null)
      return Object.fromEntries(
        Object.entries(tags).filter((tag): tag is [string, string] => tag[1] !== null),
      );
  return tags as Record<string, string>;
}

function vectorOf(value: unknown, action: string): { readonly deletionVector?: DeletionVector } {
  return value == null ? {} : { deletionVector: parseVector(value, action) };
}

function recordOf(value: unknown, field: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) fail(field, "an object", value);
  return value as Record<string, unknown>;
}

function text(value: unknown, field: string): string {
  return typeof value === "string" ? value : fail(field, "a text", value);
}

function number(value: unknown, field: string): number {
  return typeof value === "number" && Number.isFinite(value) ? value : fail(field, "a number", value);
}

function count(value: unknown, field: string): number {
  return Number.isSafeInteger(value) && (value as number) >= 0
    ? (value as number)
    : fail(field, "a whole number from 0", value);
}

function flag(value: unknown, field: string): boolean {
  return typeof value === "boolean" ? value : fail(field, "true or false", value);
}

function fail(field: string, expected: string, found: unknown): never {
  const shown = typeof found === "object" && found !== null ? "an object" : String(found).slice(0, 100);
  throw new TypeError(`${field}: expected ${expected}, found ${shown}`);
}

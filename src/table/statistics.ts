import { type Field, type LogicalType, type Schema, isNested, physicalName } from "../schema/index.ts";

/** What is known about one data file, in no format's words. */
export interface FileStatistics {
  readonly rows: number;
  /** By field id, for {@link statisticsLeaves}; a field that is not in it: nothing is known. */
  readonly columns: ReadonlyMap<number, ColumnStatistics>;
}

/** A field that statistics can be kept of. */
export interface StatisticsLeaf {
  readonly id: number;
  readonly type: LogicalType;
  /** From the column down to the field itself. */
  readonly path: readonly Field[];
}

/**
 * Both bounds are valid (nothing lies outside of them) and not always tight; absent: unknown. A field of a struct is
 * null where the struct is.
 *
 * Values by type: bigint for integers, days of a date, microseconds of a timestamp, and the unscaled digits of a
 * decimal; number for float and double; text for string. Boolean and binary have none.
 */
export interface ColumnStatistics {
  readonly nulls: number | undefined;
  readonly lower?: Bound | undefined;
  readonly upper?: Bound | undefined;
}

export type Bound = bigint | number | string;

/** The columns and fields of structs that hold one value a row: neither structs, lists and maps, nor what is in lists and maps. */
export function statisticsLeaves(schema: Schema): readonly StatisticsLeaf[] {
  const leavesOf = (fields: readonly Field[], above: readonly Field[]): StatisticsLeaf[] =>
    fields.flatMap((field) => {
      const path = [...above, field];
      if (!isNested(field.type)) return [{ id: field.id, type: field.type, path }];
      return field.type.kind === "struct" ? leavesOf(field.type.fields, path) : [];
    });
  return leavesOf(schema.fields, []);
}

/**
 * Whether the leaf, or a field around it, is named (`column`, `column.field`, in lower case) as identifying; also by the
 * names that files have, which stay when another writer renames a mapped column.
 */
export function isIdentifying(leaf: StatisticsLeaf, identifying: ReadonlySet<string>): boolean {
  if (identifying.size === 0) return false;
  return [leaf.path.map(({ name }) => name), physicalPath(leaf)].some((names) =>
    names.some((_, i) =>
      identifying.has(
        names
          .slice(0, i + 1)
          .join(".")
          .toLowerCase(),
      ),
    ),
  );
}

/** The names that lead to a leaf in data files and in Delta's statistics. */
export function physicalPath({ path }: StatisticsLeaf): readonly string[] {
  return path.map(physicalName);
}

export function hasBounds(type: LogicalType): boolean {
  return type !== "boolean" && type !== "binary";
}

/** 0001-01-01 and 9999-12-31 as days, and the microseconds from the first to the last of them: what every reader can hold. */
const firstDay = -719_162n;
const lastDay = 2_932_896n;
const microsPerDay = 86_400_000_000n;
export const firstMicro = firstDay * microsPerDay;
export const lastMicro = (lastDay + 1n) * microsPerDay - 1n;

/** The first `length` code points. */
export function truncateLower(text: string, length: number): string {
  const points = [...text];
  return points.length <= length ? text : points.slice(0, length).join("");
}

/**
 * The shortest text of at most `length` code points that is not below `text` (Iceberg spec, "upper bound";
 * FORMATS.md): the last code point raised, the surrogates skipped. `undefined` when there is none.
 */
export function truncateUpper(text: string, length: number): string | undefined {
  const points = [...text];
  if (points.length <= length) return text;
  for (let i = length - 1; i >= 0; i--) {
    const raised = points[i]!.codePointAt(0)! + 1;
    if (raised > 0x10ffff) continue;
    return points.slice(0, i).join("") + String.fromCodePoint(raised === 0xd800 ? 0xe000 : raised);
  }
  return undefined;
}

/** The days since 1970-01-01 of `2020-01-31`; `undefined` for what lies outside the years 1 to 9999, or is no date. */
export function parseDate(text: string): bigint | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (match === null || match[1] === "0000") return undefined;
  const ms = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(ms) ? undefined : BigInt(ms / 86_400_000);
}

/** Microseconds since 1970 of `2020-01-31 12:00:00[.123456][+00[:00]|Z]`; `undefined` as for {@link parseDate}. */
export function parseTimestamp(text: string): bigint | undefined {
  const match =
    /^(\d{4}-\d\d-\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d)(?::?(\d\d))?)?$/.exec(text);
  const day = match === null ? undefined : parseDate(match[1]!);
  if (match === null || day === undefined) return undefined;
  const seconds = BigInt(match[2]!) * 3600n + BigInt(match[3]!) * 60n + BigInt(match[4]!);
  const micros = BigInt((match[5] ?? "").slice(0, 6).padEnd(6, "0"));
  const offset = BigInt(match[7] ?? 0) * 3600n + BigInt(match[8] ?? 0) * 60n;
  const utc = seconds - (match[6] === "-" ? -offset : offset);
  return day * microsPerDay + utc * 1_000_000n + micros;
}

/** The unscaled digits of a decimal's text at a scale; `undefined` when it is no such number, or has more digits behind the point. */
export function parseDecimal(text: string, scale: number): bigint | undefined {
  const match = /^([+-]?)(\d+)(?:\.(\d*))?$/.exec(text);
  const fraction = match?.[3] ?? "";
  if (match === null || fraction.replace(/0+$/, "").length > scale) return undefined;
  const digits = BigInt(match[2]! + fraction.slice(0, scale).padEnd(scale, "0"));
  return match[1] === "-" ? -digits : digits;
}

/** The text of unscaled digits: `-1050` at scale 2 is `-10.50`. */
export function formatDecimal(unscaled: bigint, scale: number): string {
  const sign = unscaled < 0n ? "-" : "";
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, "0");
  return scale === 0 ? sign + digits : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

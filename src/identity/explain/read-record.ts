import { OneCopyError } from "../../base/index.ts";
import { literal, type Session } from "../../engine/index.ts";
import { type IdentityInput, selectRecords, sourcesOfKeys } from "../input.ts";

export interface RecordName {
  readonly source: string;
  readonly recordId: string;
}

/** As people write it: `SOURCE:ID`. */
export function recordText({ source, recordId }: RecordName): string {
  return `${source}:${recordId}`;
}

/** For maps: no two records have the same. */
export function recordKey({ source, recordId }: RecordName): string {
  return JSON.stringify([source, recordId]);
}

/** What a record says, by tag, as its source has it; keys as `raw_key_<n>`. */
export type RawRecord = Readonly<Record<string, string | null>>;

/** Fails with `identity.unknown_record`. */
export async function readRecord(
  session: Session,
  inputs: readonly IdentityInput[],
  name: RecordName,
): Promise<RawRecord> {
  const input = inputs.find(({ source }) => source === name.source);
  const record = (await recordsOf(session, inputs, [name])).get(recordKey(name));
  if (record === undefined)
    throw new OneCopyError(
      "identity.unknown_record",
      input === undefined
        ? `There is no source ${name.source}; there are ${inputs.map(({ source }) => source).join(", ")}.`
        : `Source ${name.source} has no record with the id ${name.recordId}.`,
      { remedy: "Name a record as SOURCE:ID, with an id as the source has it." },
    );
  return record;
}

/** Several records, by {@link recordKey}; those that are not there are left out. */
export async function recordsOf(
  session: Session,
  inputs: readonly IdentityInput[],
  names: readonly RecordName[],
): Promise<ReadonlyMap<string, RawRecord>> {
  const keySources = sourcesOfKeys(inputs);
  const found = new Map<string, RawRecord>();
  for (const input of inputs) {
    const ids = names
      .filter(({ source }) => source === input.source)
      .map(({ recordId }) => literal(recordId));
    if (ids.length === 0) continue;
    const records = await session.rows<RawRecord>(
      `SELECT * FROM (${selectRecords(input, keySources)}) WHERE record_id IN (${ids.join(", ")})`,
    );
    for (const record of records)
      found.set(recordKey({ source: input.source, recordId: record["record_id"]! }), record);
  }
  return found;
}

/** What a record says of a person: its filled in values, by tag. */
export function filledValues(record: RawRecord = {}): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(record).flatMap(([tag, value]): [string, string][] =>
      value === null || tag === "source" || tag === "record_id" || tag.startsWith("raw_key_")
        ? []
        : [[tag, value]],
    ),
  );
}

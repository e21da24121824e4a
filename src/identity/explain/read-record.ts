import { OneCopyError } from "../../base/index.ts";
import { literal, type Session } from "../../engine/index.ts";
import { type IdentityInput, selectRecords, sourcesOfKeys } from "../input.ts";

export interface RecordName {
  readonly source: string;
  readonly recordId: string;
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
  const [record] = input === undefined ? [] : await recordsOf(session, inputs, [name]);
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

/** Several records, in no order; those that are not there are left out. */
export async function recordsOf(
  session: Session,
  inputs: readonly IdentityInput[],
  names: readonly RecordName[],
): Promise<readonly RawRecord[]> {
  const keySources = sourcesOfKeys(inputs);
  const found: RawRecord[] = [];
  for (const input of inputs) {
    const ids = names
      .filter(({ source }) => source === input.source)
      .map(({ recordId }) => literal(recordId));
    if (ids.length === 0) continue;
    found.push(
      ...(await session.rows<RawRecord>(
        `SELECT * FROM (${selectRecords(input, keySources)}) WHERE record_id IN (${ids.join(", ")})`,
      )),
    );
  }
  return found;
}

import { OneCopyError } from "../base/index.ts";
import { literal, type Session } from "../engine/index.ts";
import { birthdateOfParts, type BirthPart, birthParts, type Tag } from "../source/index.ts";
import { filledIn } from "./filled-in.ts";

/** Records of one source. `tags` says what its columns mean; a column without a tag is no evidence. */
export interface IdentityInput {
  readonly source: string;
  /** SQL text that can stand after FROM. */
  readonly relation: string;
  /** Unique in the relation and never null. */
  readonly idColumn: string;
  readonly tags: Readonly<Record<string, Tag>>;
}

/** What of a record can be evidence, before it is standardised. Keys come besides, one column for each source they point to. */
const rawColumns = [
  "given_name",
  "middle_name",
  "surname",
  "full_name",
  "email",
  "phone",
  "birthdate",
  "birthplace",
  "address",
  "address2",
  "city",
  "state",
  "postal",
  "country",
  "gender",
  "company",
  "occupation",
  "national_id",
] as const;

type RawColumn = (typeof rawColumns)[number];

/** Several columns of these tags are parts of one value (street number and street; first and second given name); of the other tags the first one that is filled in counts. */
const partsOfOneValue: ReadonlySet<RawColumn | BirthPart> = new Set([
  "given_name",
  "middle_name",
  "surname",
  "birthdate",
  "address",
]);

export interface GatheredRecords {
  /** The sources whose customer keys are known, in order: column `raw_key_<position>` holds the key that a record has in that source. */
  readonly keySources: readonly string[];
  readonly records: number;
}

/**
 * Makes `identity_raw(r, source, record_id, i)`: every record of every source, numbered from 0 in the order of
 * (source, record_id), so that nothing later depends on the order of the rows; and `identity_written`, whose row `i` has what
 * the record says as its source has it: a column for each of {@link rawColumns}, raw_key_0 ….
 * Fails with `identity.no_input`, `identity.unknown_column`, `identity.null_id`, `identity.duplicate_id`.
 */
export async function gatherRecords(
  session: Session,
  inputs: readonly IdentityInput[],
): Promise<GatheredRecords> {
  if (inputs.length === 0)
    throw new OneCopyError("identity.no_input", "There is no source to resolve people from.", {
      remedy: "Name at least one source.",
    });
  for (const input of inputs) await checkColumns(session, input);
  const keySources = sourcesOfKeys(inputs);
  const union = inputs.map((input) => selectRecords(input, keySources)).join("\nUNION ALL\n");
  // Only ids are sorted: to carry the rest along costs three times as much.
  await session.run(`CREATE OR REPLACE TEMP TABLE identity_written AS ${union};
    CREATE OR REPLACE TEMP TABLE identity_raw AS
    SELECT CAST(row_number() OVER (ORDER BY source, record_id) - 1 AS INTEGER) AS r, source, record_id, i
    FROM (SELECT source, record_id, rowid AS i FROM identity_written)`);
  await checkIds(session, inputs);
  const [count] = await session.rows<{ n: number }>("SELECT count(*) AS n FROM identity_raw");
  return { keySources, records: count!.n };
}

async function checkColumns(session: Session, input: IdentityInput): Promise<void> {
  const columns = new Set(
    (await session.describe(`SELECT * FROM ${input.relation}`)).map((column) => column.name),
  );
  for (const column of [input.idColumn, ...Object.keys(input.tags)])
    if (!columns.has(column))
      throw new OneCopyError(
        "identity.unknown_column",
        `Source ${input.source} has no column ${column}; it has ${[...columns].join(", ")}.`,
        { remedy: "Correct the id column or the tags of this source." },
      );
}

async function checkIds(session: Session, inputs: readonly IdentityInput[]): Promise<void> {
  const [without] = await session.rows<{ source: string; n: number }>(
    "SELECT source, count(*) AS n FROM identity_raw WHERE record_id IS NULL GROUP BY source ORDER BY source LIMIT 1",
  );
  if (without !== undefined)
    throw new OneCopyError(
      "identity.null_id",
      `Source ${without.source} has ${without.n} records without an id in ${inputs.find(({ source }) => source === without.source)!.idColumn}.`,
      { remedy: "Choose an id column that is always filled in." },
    );
  const [repeated] = await session.rows<{ source: string; record_id: string; n: number }>(
    `SELECT source, record_id, count(*) AS n FROM identity_raw GROUP BY ALL HAVING count(*) > 1
     ORDER BY n DESC, source, record_id LIMIT 1`,
  );
  if (repeated !== undefined)
    throw new OneCopyError(
      "identity.duplicate_id",
      `Source ${repeated.source} has ${repeated.n} records with the id ${repeated.record_id}; an id must be unique in its source.`,
      { remedy: "Choose another id column, or keep only the newest row of each id." },
    );
}

export function sourcesOfKeys(inputs: readonly IdentityInput[]): string[] {
  const names = new Set<string>();
  for (const input of inputs)
    for (const tag of Object.values(input.tags)) {
      if (tag === "customer_key") names.add(input.source);
      else if (tag.startsWith("foreign_key:")) names.add(tag.slice("foreign_key:".length));
    }
  return [...names].sort();
}

/** The records of one source with their evidence as written: source, record_id, one column for each of {@link rawColumns}, raw_key_0 …. */
export function selectRecords(input: IdentityInput, keySources: readonly string[]): string {
  const tags = Object.entries(input.tags);
  const columnsOf = (tag: Tag): string[] => tags.flatMap(([, of], i) => (of === tag ? [`value_${i}`] : []));
  const stated = (tag: RawColumn | BirthPart): string => combine(tag, columnsOf(tag).map(ofPerson));
  const evidence = rawColumns.map(
    (tag) => `${tag === "birthdate" ? withBirthParts(input, stated) : stated(tag)} AS ${tag}`,
  );
  const keys = keySources.map((source, position) => {
    const own = source === input.source ? columnsOf("customer_key") : [];
    const candidates = [...own, ...columnsOf(`foreign_key:${source}`)];
    // Where several records of a source point to one customer of it, that is the key, and not the record's own id.
    if (source === input.source && candidates.length === 0) candidates.push("record_id");
    return `${candidates.length === 0 ? "CAST(NULL AS VARCHAR)" : `coalesce(${candidates.join(", ")})`} AS raw_key_${position}`;
  });
  return `SELECT ${literal(input.source)} AS source, record_id, ${[...evidence, ...keys].join(", ")}
    FROM ${filledIn(input.relation, input.idColumn, tags)}`;
}

/** No name, address or number of a person is as long as this: such a text says nothing, and to compare two takes hours. */
const longestEvidenceBytes = 1000;

function ofPerson(value: string): string {
  return `CASE WHEN strlen(${value}) <= ${longestEvidenceBytes} THEN ${value} END`;
}

function withBirthParts({ tags }: IdentityInput, stated: (tag: "birthdate" | BirthPart) => string): string {
  const isInParts = birthParts.some((part) => Object.values(tags).includes(part));
  return isInParts ? `coalesce(${stated("birthdate")}, ${birthdateOfParts(stated)})` : stated("birthdate");
}

function combine(tag: RawColumn | BirthPart, columns: readonly string[]): string {
  if (columns.length === 0) return "CAST(NULL AS VARCHAR)";
  if (columns.length === 1) return columns[0]!;
  if (!partsOfOneValue.has(tag)) return `coalesce(${columns.join(", ")})`;
  return `nullif(concat_ws('${tag === "birthdate" ? "-" : " "}', ${columns.join(", ")}), '')`;
}

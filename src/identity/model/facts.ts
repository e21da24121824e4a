import { type Session, literal } from "../../engine/index.ts";
import { textColumn } from "../literal-column.ts";

/** Facts that SQL reads: of how a record's values are written. All others are of nodes. */
const ofRecords = [
  "full names are people",
  "root of nicknames",
  "domain typo",
  "home country",
  "day first",
  "newest two-figure year",
  "first of January is a year",
  "given name of mailboxes",
  "surname of mailboxes",
  "no name of mailboxes",
] as const;

export type RecordFact = (typeof ofRecords)[number];

/** {@link NodeFacts} that a thread can be given. */
export type NodeFactsData = Pick<NodeFacts, "areKnown" | "learned">;

/** What all records together say of their values, numbers by text: the part of {@link Facts} that is of nodes. */
export class NodeFacts {
  constructor(
    readonly areKnown: boolean,
    readonly learned = new Map<string, ReadonlyMap<string, number>>(),
  ) {}

  /** What was learned so far, as plain data: nothing else is learned of it. */
  get data(): NodeFactsData {
    return { areKnown: true, learned: this.learned };
  }

  numbers(kind: string, learn: () => ReadonlyMap<string, number>): ReadonlyMap<string, number> {
    let found = this.learned.get(kind);
    if (found === undefined) this.learned.set(kind, (found = this.areKnown ? new Map() : learn()));
    return found;
  }
}

/**
 * What all records together say of how one of them is read, and of which of its values are rare or too common. It is
 * part of the model: learned once when the model is trained, and from then on given, so that what one record
 * says depends on itself alone. Whoever needs a fact says how it is learned; a known one is not learned again.
 */
export class Facts extends NodeFacts {
  private constructor(
    private readonly session: Session,
    areKnown: boolean,
    ofNodes?: Map<string, ReadonlyMap<string, number>>,
  ) {
    super(areKnown, ofNodes);
  }

  /** Makes `identity_learned(kind, value, meaning, number)`, empty. */
  static async toLearn(session: Session): Promise<Facts> {
    await session.run(
      "CREATE OR REPLACE TEMP TABLE identity_learned (kind VARCHAR, value VARCHAR, meaning VARCHAR, number DOUBLE)",
    );
    return new Facts(session, false);
  }

  /** Of a relation as `identity_learned` was after {@link write}. */
  static async known(session: Session, relation: string): Promise<Facts> {
    await session.run(
      `CREATE OR REPLACE TEMP TABLE identity_learned AS SELECT kind, value, meaning, number FROM ${relation}`,
    );
    const rows = await session.rows<{ kind: string; values: string; numbers: string }>(`
      SELECT kind, string_agg(value, chr(31)) AS "values", string_agg(CAST(number AS VARCHAR), ',') AS numbers
      FROM (FROM identity_learned WHERE kind NOT IN (${ofRecords.map(literal).join(", ")}) ORDER BY kind, value) GROUP BY kind`);
    const ofNodes = rows.map(({ kind, values, numbers }) => {
      const counts = numbers.split(",");
      return [kind, new Map(values.split("\u001f").map((value, i) => [value, Number(counts[i])]))] as const;
    });
    return new Facts(session, true, new Map(ofNodes));
  }

  /** The relation (value, meaning, number) of a fact. `learn`: a query for it. */
  async relation(kind: RecordFact, learn: string): Promise<string> {
    if (!this.areKnown)
      await this.session.run(
        `INSERT INTO identity_learned SELECT ${literal(kind)}, value, meaning, number FROM (${learn})`,
      );
    return `(SELECT value, meaning, number FROM identity_learned WHERE kind = ${literal(kind)})`;
  }

  /** A fact that is one number. */
  async number(kind: RecordFact, learn: () => Promise<number>): Promise<number> {
    if (!this.areKnown)
      await this.session.run(
        `INSERT INTO identity_learned VALUES (${literal(kind)}, '', NULL, ${literal(await learn())})`,
      );
    return (await this.one(kind)).number;
  }

  /** A fact that is one text. */
  async text(kind: RecordFact, learn: () => Promise<string>): Promise<string> {
    if (!this.areKnown)
      await this.session.run(
        `INSERT INTO identity_learned VALUES (${literal(kind)}, '', ${literal(await learn())}, 0)`,
      );
    return (await this.one(kind)).meaning;
  }

  private async one(kind: RecordFact): Promise<{ readonly meaning: string; readonly number: number }> {
    const [row] = await this.session.rows<{ meaning: string; number: number }>(
      `SELECT meaning, number FROM identity_learned WHERE kind = ${literal(kind)}`,
    );
    return row!;
  }

  /** Completes `identity_learned` by what nodes said. */
  async write(): Promise<void> {
    if (this.areKnown) return;
    for (const [kind, numbers] of this.learned) {
      // A text with a NUL can stand in no statement, and nobody is known by one.
      const told = [...numbers].filter(([value]) => !value.includes("\0"));
      await this.session.run(`INSERT INTO identity_learned
        SELECT ${literal(kind)}, ${textColumn(told.map(([value]) => value))}, NULL, CAST(unnest(string_split(${literal(told.map(([, number]) => number).join(","))}, ',')) AS DOUBLE)
        ${told.length === 0 ? "WHERE false" : ""}`);
    }
  }
}

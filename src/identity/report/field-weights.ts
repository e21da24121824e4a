import type { Session } from "../../engine/index.ts";

/** The model as a table to read: how often pairs of each class stand at each level, and what that weighs. */
export interface FieldWeights {
  /** log2 odds that any two records are one person, or two people of one household. */
  readonly priorPerson: number;
  readonly priorHousehold: number;
  readonly fields: readonly FieldWeight[];
}

export interface FieldWeight {
  readonly name: string;
  readonly levels: readonly {
    readonly name: string;
    /** m: the share of pairs of one person at this level; then that of one household; u: that of strangers. */
    readonly person: number;
    readonly household: number;
    readonly stranger: number;
    /** log2 of m / u. */
    readonly weight: number;
  }[];
}

/** Reads a relation as `identity.model` has it. */
export async function fieldWeights(session: Session, model: string): Promise<FieldWeights> {
  const rows = await session.rows<{
    comparison: string;
    level: string;
    position: number;
    person: number;
    household: number;
    stranger: number;
  }>(`SELECT * FROM ${model} ORDER BY comparison, position`);
  const prior = rows.find(({ comparison }) => comparison === "prior");
  const names = [...new Set(rows.map(({ comparison }) => comparison))].filter((name) => name !== "prior");
  return {
    priorPerson: prior?.person ?? 0,
    priorHousehold: prior?.household ?? 0,
    fields: names.map((name) => ({
      name,
      levels: rows
        .filter(({ comparison }) => comparison === name)
        .map(({ level, person, household, stranger }) => ({
          name: level,
          person,
          household,
          stranger,
          weight: Math.log2(person / stranger),
        })),
    })),
  };
}

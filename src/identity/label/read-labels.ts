import { OneCopyError } from "../../base/index.ts";
import { ident, type Session } from "../../engine/index.ts";

/** What a person says of records: who each one is, or of some pairs whether they are one person. */
export type Labels =
  /** (source, record_id, person) */
  | { readonly kind: "people"; readonly relation: string }
  /** (left_source, left_id, right_source, right_id, same) */
  | { readonly kind: "pairs"; readonly relation: string };

const yes = ["yes", "y", "true", "t", "1", "same", "match"];
const no = ["no", "n", "false", "f", "0", "different", "other"];

/**
 * Labels in a relation: `source,id,person` (`record_id` for `id` and `person_id` for `person` do too), or the file of `onecopy identity review` with its column `same` filled in;
 * pairs without an answer are left out. `where`: for errors. Fails with `identity.bad_labels`.
 */
export async function readLabels(session: Session, relation: string, where: string): Promise<Labels> {
  const columns = (await session.describe(`SELECT * FROM ${relation}`)).map(({ name }) => name);
  const has = (...names: readonly string[]): boolean => names.every((name) => columns.includes(name));
  const text = (name: string): string => `nullif(trim(CAST(${ident(name)} AS VARCHAR)), '')`;
  const id = has("id") ? "id" : "record_id";
  const person = has("person") ? "person" : "person_id";
  if (has("source", id, person))
    return {
      kind: "people",
      relation: `(SELECT source, CAST(${ident(id)} AS VARCHAR) AS record_id, ${text(person)} AS person FROM ${relation})`,
    };
  const ends = ["left_source", "left_id", "right_source", "right_id"];
  if (!has(...ends, "same"))
    throw new OneCopyError(
      "identity.bad_labels",
      `${where} has neither the columns source, id and person nor ${ends.join(", ")} and same; it has ${columns.filter((name) => !name.startsWith("_")).join(", ")}.`,
      {
        remedy:
          "Say who each record is, a row for each, or fill in the column same of what `onecopy identity review` wrote.",
      },
    );
  const answer = `lower(${text("same")})`;
  const list = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(", ");
  const [odd] = await session.rows<{ same: string; n: number }>(
    `SELECT ${answer} AS same, count(*) AS n FROM ${relation} WHERE ${answer} NOT IN (${list([...yes, ...no])}) GROUP BY 1 ORDER BY 1 LIMIT 1`,
  );
  if (odd !== undefined)
    throw new OneCopyError(
      "identity.bad_labels",
      `${where} says ${odd.same} in the column same, ${odd.n} times.`,
      { remedy: "Write yes or no, or leave it empty." },
    );
  return {
    kind: "pairs",
    relation: `(SELECT ${ends.map((end) => `CAST(${ident(end)} AS VARCHAR) AS ${end}`).join(", ")}, ${answer} IN (${list(yes)}) AS same
      FROM ${relation} WHERE ${text("same")} IS NOT NULL)`,
  };
}

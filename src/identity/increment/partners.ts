import type { Session } from "../../engine/index.ts";
import type { Sign } from "../block/keys.ts";
import { sharesValue } from "./neighbours.ts";

/**
 * Makes `identity_partner(no)`, of `records`: the changed records themselves, and those that a pair with a changed one is
 * proposed of: they share a block with it, and have at a glance as much in common as the block's key asks for (`least`, by
 * key; no keys: every pair is proposed). Needs `identity_changed_block`.
 */
export async function findPartners(
  session: Session,
  records: string,
  least: readonly number[],
  signs: readonly Sign[],
): Promise<void> {
  if (least.length === 0) {
    await session.run(`CREATE OR REPLACE TEMP TABLE identity_partner AS SELECT no FROM ${records}`);
    return;
  }
  const block = (i: number): string => `block_${i}`;
  const codes = ["same", ...least.map((_, i) => block(i)), ...signs.map((_, i) => `sign_${i}`)];
  const enough = ["same", ...least.flatMap((points, i) => (points === 0 ? [block(i)] : []))];
  const points = signs.map((sign, i) => `CASE WHEN p.sign_${i} = x.sign_${i} THEN ${sign.points} ELSE 0 END`);
  const shares = sharesValue(
    enough,
    (name) => `SELECT ${name} FROM identity_changed_block WHERE ${name} IS NOT NULL`,
  );
  await session.run(`
    CREATE OR REPLACE TEMP TABLE identity_code AS SELECT no, ${codes.join(", ")} FROM ${records};
    CREATE OR REPLACE TEMP TABLE identity_partner AS
    SELECT no FROM identity_code WHERE ${shares} UNION FROM identity_changed`);
  for (const [i, wanted] of least.entries())
    if (wanted > 0)
      await session.run(`INSERT INTO identity_partner
        SELECT DISTINCT p.no FROM identity_code p JOIN identity_changed_block x ON p.${block(i)} = x.${block(i)}
        WHERE ${points.join(" + ")} >= ${wanted}`);
  await session.run("DROP TABLE identity_code");
}

import { rename, rm } from "node:fs/promises";
import { resolve as absolute } from "node:path";
import { newId, OneCopyError } from "../../base/index.ts";
import { ident, literal, type Session } from "../../engine/index.ts";
import type { IdentityInput } from "../input.ts";
import { rowColumn } from "./read.ts";

export type OutFormat = "csv" | "parquet";

/** By the ending of `out`. Fails with `identity.out_format`, also where the output is one of the inputs. */
export function outFormat(files: readonly string[], out: string): OutFormat {
  const format = /\.(csv|parquet)$/i.exec(out)?.[1]?.toLowerCase();
  if (format === undefined)
    throw new OneCopyError("identity.out_format", `${out} ends neither in .csv nor in .parquet.`, {
      remedy: "Give the output one of these endings.",
    });
  if (files.some((file) => absolute(file) === absolute(out)))
    throw new OneCopyError("identity.out_format", `The output ${out} would overwrite the input.`, {
      remedy: "Name another file.",
    });
  return format as OutFormat;
}

/**
 * Writes `source,id,profile_id`: the files one after the other, each in its own order. Written under another name first, so that a
 * half-written file never stands under the one that was asked for.
 */
export async function writeProfiles(
  session: Session,
  inputs: readonly IdentityInput[],
  assignments: string,
  out: string,
  format: OutFormat,
): Promise<void> {
  const rows = inputs.map(
    ({ source, relation, idColumn }, position) =>
      `SELECT ${position} AS position, ${rowColumn} AS row, ${literal(source)} AS source, CAST(${ident(idColumn)} AS VARCHAR) AS id FROM ${relation}`,
  );
  const partial = `${out}.${newId()}.partial`;
  try {
    await session.run(`COPY (
      SELECT f.source, f.id, a.profile_id FROM (${rows.join(" UNION ALL ")}) f
      JOIN ${assignments} a ON a.source = f.source AND a.record_id = f.id ORDER BY position, row)
      TO ${literal(partial)} (${format === "csv" ? "FORMAT csv, HEADER true" : "FORMAT parquet"})`);
    await rename(partial, out);
  } catch (cause) {
    await rm(partial, { force: true });
    throw cause;
  }
}

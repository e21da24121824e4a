import type { Evaluation } from "../../identity/index.ts";
import { counted } from "../output.ts";

/** The two measures of an assignment against a truth, a line each. */
export function qualityLines({ precision, recall, f1, bCubed, records }: Evaluation): string[] {
  const rates = (of: Pick<Evaluation, "precision" | "recall" | "f1">): string =>
    `precision ${of.precision.toFixed(4)}, recall ${of.recall.toFixed(4)}, F1 ${of.f1.toFixed(4)}`;
  return [
    `Measured on ${counted(records, "record")} whose person is known:`,
    `  pairs:    ${rates({ precision, recall, f1 })}`,
    `  B-cubed:  ${rates(bCubed)}`,
  ];
}

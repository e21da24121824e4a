import type { Random } from "../random.ts";
import { digitSlip, hearingError, keySlip, scanError } from "./slips.ts";

/** One error of the commonest kinds for a text of letters, or of digits. */
export function spoil(random: Random, text: string): string {
  if (/^[\d\s./-]+$/.test(text)) return digitSlip(random, text);
  const kind = random.next();
  if (kind < 0.55) return keySlip(random, text);
  if (kind < 0.75) return hearingError(random, text);
  if (kind < 0.9) return scanError(random, text);
  const blank = text.indexOf(" ");
  return blank > 0 ? text.slice(0, blank) + text.slice(blank + 1) : keySlip(random, text);
}

/** So many errors. */
export function spoilt(random: Random, text: string, errors: number): string {
  let out = text;
  for (let left = errors; left > 0; left--) out = spoil(random, out);
  return out;
}

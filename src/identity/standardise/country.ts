import { getCountries } from "libphonenumber-js";
import { literal, type Session } from "../../engine/index.ts";

/** Replaces `identity_written.country` by its ISO 3166 code; a text that names no country becomes null. */
export async function readCountries(session: Session): Promise<void> {
  const written = await session.rows<{ country: string }>(
    "SELECT DISTINCT country FROM identity_written WHERE country IS NOT NULL ORDER BY country",
  );
  if (written.length === 0) return;
  const names = countryNames();
  const cases = written.flatMap(({ country }) => {
    const code = names.get(country.trim().toLowerCase().replaceAll(".", ""));
    return code === undefined ? [] : [`WHEN ${literal(country)} THEN ${literal(code)}`];
  });
  await session.run(
    `UPDATE identity_written SET country = ${cases.length === 0 ? "NULL" : `CASE country ${cases.join(" ")} END`}`,
  );
}

/** Codes and names in several languages, as the runtime's locale data (CLDR) writes them. */
function countryNames(): ReadonlyMap<string, string> {
  const names = new Map([
    ["uk", "GB"],
    ["england", "GB"],
    ["scotland", "GB"],
    ["wales", "GB"],
    ["usa", "US"],
    ["united states of america", "US"],
    ["holland", "NL"],
  ]);
  for (const locale of ["en", "de", "fr", "es", "it", "nl"]) {
    const spelled = new Intl.DisplayNames([locale], { type: "region" });
    for (const code of getCountries()) names.set((spelled.of(code) ?? code).toLowerCase(), code);
  }
  for (const code of getCountries()) names.set(code.toLowerCase(), code);
  return names;
}

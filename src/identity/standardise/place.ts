import type { Session } from "../../engine/index.ts";
import { folded } from "./fold.ts";
import { withoutPlaceholder } from "./placeholder.ts";

/** Makes `identity_town(city, town)`, `identity_region(state, region)` and `identity_zip(postal, zip)` for each distinct value as written. */
export async function standardisePlaces(session: Session): Promise<void> {
  await session.run(`
    CREATE OR REPLACE TEMP TABLE identity_town AS
    SELECT city, ${withoutPlaceholder("town")} AS town
    FROM (SELECT city, ${folded("city")} AS town FROM (SELECT DISTINCT city FROM identity_written WHERE city IS NOT NULL));

    CREATE OR REPLACE TEMP TABLE identity_region AS
    SELECT state, nullif(${folded("state")}, '') AS region FROM (SELECT DISTINCT state FROM identity_written WHERE state IS NOT NULL);

    CREATE OR REPLACE TEMP TABLE identity_zip AS
    SELECT postal, nullif(CASE WHEN regexp_full_match(postal, '[0-9]{5}-?[0-9]{4}') THEN left(postal, 5) ELSE replace(${folded("whole")}, ' ', '') END, '') AS zip
    FROM (SELECT postal, CASE WHEN ends_with(postal, '.0') THEN left(postal, length(postal) - 2) ELSE postal END AS whole
          FROM (SELECT DISTINCT postal FROM identity_written WHERE postal IS NOT NULL))`);
}

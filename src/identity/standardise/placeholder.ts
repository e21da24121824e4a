/**
 * Words that people and programs write where there is nothing to say, in a folded text. They are few on purpose:
 * values that identify nobody are found by how many names share them (shared.ts), not configured.
 */
export function withoutPlaceholder(text: string): string {
  return `CASE WHEN regexp_full_match(${text}, '${words}( ${words})*') THEN NULL ELSE nullif(${text}, '') END`;
}

const words =
  "(test( ?(user|customer|account|person|name|kunde|order|mail|email))?( ?[0-9]*)|qa|tester|testing|dummy|" +
  "[0-9]* ?test ?(street|str|strasse|town|city|ville|stadt|ort)( ?[0-9]*)|sample|example|" +
  "demo user|unknown|unbekannt|inconnu|desconocido|not (known|provided|available|applicable|given|set)|no ?name|" +
  "n a|none|undefined|missing|empty|tbd|tba|x+|([a-z])*asdf[a-z]*|qwert[a-z]*|anonymous|anonym|" +
  "guest|customer|kunde|client|firstname|lastname|first name|last name|surname|deleted|redacted|do not (use|contact|mail))";

/** Whether two standardised names are those that forms and manuals have for nobody. */
export function isNobody(given: string, family: string): string {
  return `coalesce(${given} || ' ' || ${family} IN (${nobodies.map((name) => `'${name}'`).join(", ")}), false)`;
}

const nobodies = [
  "john doe", "jane doe", "john roe", "jane roe", "joe bloggs", "joe public", "max mustermann", "erika mustermann", "erika musterfrau", "foo bar", "lorem ipsum", "donald duck", "mickey mouse",
]; // prettier-ignore

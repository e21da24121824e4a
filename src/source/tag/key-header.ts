import { wordsOf } from "./header.ts";

/**
 * What a key's name says it is a key of. `record`: of the row itself; `person`: of a person, `entity` says in
 * whose words; `transaction`: of an order or the like.
 */
export type KeyReading =
  | { readonly kind: "record" }
  | { readonly kind: "person"; readonly entity: string }
  | { readonly kind: "transaction" };

const recordWords = set(
  `rec record row unique uniq source src global external ext object uu gu leid euid entry system internal`,
);
const transactionWords =
  set(`order transaction trans txn tx trx invoice receipt purchase booking reservation sale checkout basket
  bestell bestellung auftrag auftrags rechnung rechnungs beleg bon commande facture pedido factura compra orders bestel`);

/** Person words of several languages, and the English one that names the key. */
const personWords: ReadonlyMap<string, string> = new Map([
  ...words(
    "customer",
    `customer customers cust kunde kunden kd client clients cliente clientes klant buyer shopper`,
  ),
  ...words("user", `user users usr nutzer benutzer utilisateur usuario`),
  ...words("member", `member members membership mitglied mitglieds membre socio miembro adherent lid`),
  ...words(
    "loyalty",
    `loyalty loyaltycard clubcardmember loyaltymember loyaltyaccount loyaltycustomer reward rewards clubcard club
    bonuscard kundenkarte kundenkarten cartefidelite fidelite bonus`,
  ),
  ...words("contact", `contact contacts kontakt contacto requester`),
  ...words("subscriber", `subscriber subscription abonnent abonne`),
  ...words("patient", `patient patients patienten paciente mrn medicalrecord`),
  ...words("person", `person per pers personen individual party persona personne`),
  ...words("guest", `guest gast donor student lead`),
  ...words("account", `account accounts acct konto compte cuenta`),
]);

/** Whose key it is then is nobody who is served: staff, an article, a whole company. */
const otherKeys =
  set(`assigned assignee owner created updated modified by agent rep parent referrer referred product employee
  staff manager sales campaign store company organization household group segment session bank iban card credit
  tax vat postal zip country phone line item`);

const keySuffix = /^(.*?)(?:ids?|no|nr|num|number|nummer|numero|key|uuid|guid|ref|reference|code|nbr)$/;
const keyPrefix = /^(?:id|no|nr|num|numero|code|codigo|ref)(?:de|du|del)?(.+)$/;

/** Reads `customer_id`, `Kundennummer`, `id_cliente`, `recId`, `order number`; undefined when it is no key's name. */
export function readKeyHeader(columnName: string, sourceName?: string): KeyReading | undefined {
  const parts = wordsOf(columnName);
  const joined = parts.join("");
  if (/^(?:id|uuid|guid|key|leid|euid|pk|identifier|uid)$/.test(joined)) return { kind: "record" };
  if (/^(?:mrn|medicalrecordnumber)$/.test(joined)) return { kind: "person", entity: "patient" };
  const entity = keySuffix.exec(joined)?.[1] ?? keyPrefix.exec(joined)?.[1];
  const own = sourceName === undefined ? "" : wordsOf(sourceName).join("");
  const isLoyaltyCard = /^(?:loyalty|club|bonus|reward|kundenkarte|member)/.test(joined);
  // A card's number is a payment card's, unless the whole source is about cards that customers carry.
  if (entity === "card" && /loyal|club|bonus|reward|member|kundenkarte/.test(own))
    return { kind: "person", entity: "loyalty" };
  if (parts.some((word) => otherKeys.has(word)) && !isLoyaltyCard) return undefined;
  if (entity === undefined || entity === "") return undefined;
  for (const word of [entity, ...qualified(entity)]) {
    if (recordWords.has(word)) return { kind: "record" };
    if (transactionWords.has(word)) return { kind: "transaction" };
    const person = personWords.get(word);
    if (person !== undefined) return { kind: "person", entity: person };
  }
  return own !== "" && (own === entity || own === `${entity}s`) ? { kind: "record" } : undefined;
}

/** `shopifycustomer` → `customer`: the last word tells, whatever system's name stands before it. */
function qualified(entity: string): string[] {
  return [...personWords.keys(), ...transactionWords]
    .filter((word) => word.length > 4 && entity.endsWith(word))
    .sort((a, b) => b.length - a.length);
}

function set(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/));
}

function words(entity: string, text: string): [string, string][] {
  return text.split(/\s+/).map((word) => [word, entity]);
}

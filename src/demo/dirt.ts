import { toAscii, toMojibake } from "./ascii.ts";
import { type Contact, type WrittenAddress, written } from "./contact.ts";
import { nicknamesOf } from "./nickname.ts";
import type { Random } from "./random.ts";
import { DIRT, FILLED, type System } from "./rates.ts";
import { digitTypo, emailTypo, keyboardTypo, ocrError, phoneticError } from "./typo.ts";

/** What a system keeps of a contact. Null where the field was left empty. */
export interface Recorded {
  readonly given: string | null;
  readonly surname: string | null;
  readonly email: string | null;
  /** Ten digits, or junk. */
  readonly phone: string | null;
  /** `YYYY-MM-DD` */
  readonly birthDate: string | null;
  readonly address: WrittenAddress | null;
  readonly postalCode: string | null;
}

const JUNK_EMAILS = ["test@test.com", "none@none.com", "noemail@noemail.com", "a@a.com", "no@email.com"];
const JUNK_PHONES = ["0000000000", "5555555555", "1234567890", "9999999999", "1111111111"];
const JUNK_GIVEN = ["Customer", "Unknown", "Test", "Guest", "X"];
const JUNK_SURNAMES = ["Customer", "Unknown", "Test", "Guest", "."];
const NOT_AVAILABLE = ["N/A", "n/a", "-", "unknown", "NONE"];

/** The contact as it arrives in the system: with gaps, slips and junk, at that system's {@link FILLED} and {@link DIRT}. */
export function recorded(random: Random, system: System, contact: Contact): Recorded {
  const spoilt = (kind: keyof typeof DIRT): boolean => random.chance(DIRT[kind][system]);
  const filled = (field: keyof typeof FILLED): boolean => random.chance(FILLED[field][system]);

  const [given, surname] = names(random, contact, spoilt);
  const address = filled("ADDRESS") ? spoiltAddress(random, written(random, contact.address), spoilt) : null;
  const complete: Recorded = {
    given: filled("GIVEN_NAME") ? given : null,
    surname: filled("SURNAME") ? surname : null,
    email: filled("EMAIL") ? spoiltEmail(random, contact.email, spoilt) : null,
    phone: filled("PHONE") ? spoiltPhone(random, contact.phone, spoilt) : null,
    birthDate: filled("BIRTH_DATE") ? spoiltBirthDate(random, contact.birthDate, spoilt) : null,
    address,
    postalCode: filled("POSTAL_CODE") ? (address?.postalCode ?? contact.address.postalCode) : null,
  };
  return spoilt("ONE_FIELD") ? oneField(random, complete) : complete;
}

type Spoilt = (kind: keyof typeof DIRT) => boolean;

function names(random: Random, contact: Contact, spoilt: Spoilt): [string, string] {
  let given = contact.given;
  const nicknames = nicknamesOf(given);
  if (nicknames.length > 0 && spoilt("NICKNAME")) given = random.pick(nicknames);
  let surname = contact.surname;
  for (const [kind, slip] of [
    ["NAME_KEYBOARD_TYPO", keyboardTypo],
    ["NAME_OCR_ERROR", ocrError],
    ["NAME_PHONETIC_ERROR", phoneticError],
  ] as const) {
    if (spoilt(kind)) given = slip(random, given);
    if (spoilt(kind)) surname = slip(random, surname);
  }
  if (contact.middleInitial !== undefined && spoilt("MIDDLE_INITIAL")) given += ` ${contact.middleInitial}.`;
  if (contact.suffix !== undefined) surname += ` ${contact.suffix}`;
  if (spoilt("DIACRITICS_LOST")) [given, surname] = [toAscii(given), toAscii(surname)];
  if (spoilt("MOJIBAKE")) [given, surname] = [toMojibake(given), toMojibake(surname)];
  if (spoilt("NAME_LOWER_CASE")) [given, surname] = [given.toLowerCase(), surname.toLowerCase()];
  if (spoilt("NAMES_TRANSPOSED")) [given, surname] = [surname, given];
  if (spoilt("JUNK_NAME")) [given, surname] = [random.pick(JUNK_GIVEN), random.pick(JUNK_SURNAMES)];
  if (spoilt("NOT_AVAILABLE")) given = random.pick(NOT_AVAILABLE);
  if (spoilt("NOT_AVAILABLE")) surname = random.pick(NOT_AVAILABLE);
  return [given, surname];
}

function spoiltEmail(random: Random, email: string, spoilt: Spoilt): string {
  if (spoilt("JUNK_EMAIL")) return random.pick(JUNK_EMAILS);
  if (spoilt("NOT_AVAILABLE")) return random.pick(NOT_AVAILABLE);
  return spoilt("EMAIL_TYPO") ? emailTypo(random, email) : email;
}

function spoiltPhone(random: Random, phone: string, spoilt: Spoilt): string {
  if (spoilt("JUNK_PHONE")) return random.pick(JUNK_PHONES);
  return spoilt("PHONE_TYPO") ? digitTypo(random, phone) : phone;
}

function spoiltBirthDate(random: Random, birthDate: string, spoilt: Spoilt): string {
  if (spoilt("JUNK_BIRTH_DATE")) return random.pick(["1900-01-01", "1900-01-01", "1970-01-01", "2000-01-01"]);
  const [year, month, day] = birthDate.split("-") as [string, string, string];
  if (Number(day) <= 12 && spoilt("BIRTH_DATE_DAY_MONTH_SWAPPED")) return `${year}-${day}-${month}`;
  if (!spoilt("BIRTH_DATE_TYPO")) return birthDate;
  if (random.chance(0.5)) return `${Number(year) + random.pick([-10, -1, 1, 10])}-${month}-${day}`;
  // No form takes a 31 June; 28 days are safe in every month.
  return `${year}-${month}-${String(random.between(1, 28)).padStart(2, "0")}`;
}

function spoiltAddress(random: Random, address: WrittenAddress, spoilt: Spoilt): WrittenAddress {
  const [house, ...street] = address.line.split(" ") as [string, ...string[]];
  let line = address.line;
  if (spoilt("STREET_TYPO"))
    line = random.chance(0.3)
      ? `${digitTypo(random, house)} ${street.join(" ")}`
      : `${house} ${keyboardTypo(random, street.join(" "))}`;
  const postalCode = spoilt("POSTAL_CODE_TYPO") ? digitTypo(random, address.postalCode) : address.postalCode;
  return { ...address, line, postalCode };
}

/** Somebody who wanted to be done with the form. */
function oneField(random: Random, { given, email, phone }: Recorded): Recorded {
  const nothing = { given: null, surname: null, email: null, phone: null, birthDate: null, address: null };
  const left = [{ given }, { email }, { phone }].filter((field) => Object.values(field)[0] !== null);
  return left.length === 0
    ? { ...nothing, given, postalCode: null }
    : { ...nothing, ...random.pick(left), postalCode: null };
}

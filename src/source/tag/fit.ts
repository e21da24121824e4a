import type { Meaning } from "./header.ts";
import type { ColumnMeasure } from "./measure.ts";

/** How well a column's values fit a meaning: 0…1, and what was seen, in plain words. */
export interface Fit {
  readonly fit: number;
  readonly seen: string;
}

/** Below these, the values contradict the name, and the name is not believed. */
export const leastFit: Readonly<Record<Meaning, number>> = {
  given_name: 0.4,
  middle_name: 0.6,
  surname: 0.4,
  full_name: 0.4,
  name: 0.4,
  email: 0.5,
  phone: 0.3,
  birthdate: 0.5,
  birthplace: 0.6,
  birth_year: 0.6,
  birth_month: 0.6,
  birth_day: 0.6,
  address: 0.3,
  house_number: 0.5,
  address2: 0.3,
  city: 0.6,
  state: 0.4,
  postal: 0.5,
  country: 0.5,
  gender: 0.7,
  company: 0.5,
  occupation: 0.6,
  national_id: 0.6,
  created_time: 0.6,
  updated_time: 0.6,
  transaction_time: 0.6,
  transaction_amount: 0.8,
  currency: 0.8,
};

export function fitOf(meaning: Meaning, column: ColumnMeasure): Fit {
  const share = column.share;
  const isTime = /^(?:DATE|TIMESTAMP)/.test(column.type);
  const isNumber = /^(?:TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT|U\w+INT|FLOAT|DOUBLE|DECIMAL)/.test(
    column.type,
  );
  switch (meaning) {
    case "given_name":
    case "surname": {
      const known = share(meaning === "surname" ? "surname" : "givenName");
      const letters = share("letters");
      const single = 1 - share("severalWords") * 0.3;
      return letters < 0.6 || share("company") > 0.25
        ? {
            fit: 0,
            seen: `${percent(letters)} of the values are made of letters, ${percent(share("company"))} look like companies`,
          }
        : {
            fit: Math.min(1, (0.6 + known) * single),
            seen: `${percent(known)} of the values are common ${meaning === "surname" ? "surnames" : "given names"}`,
          };
    }
    case "middle_name":
      // A letter says as much as a name: it is the column's name that tells.
      return seen(share("company") > 0.25 ? 0 : share("letters"), "are names or initials");
    case "full_name":
    case "name": {
      const several = share("severalWords");
      const known = share("personName");
      return {
        fit: share("company") > 0.3 ? 0 : Math.min(1, several * (0.65 + known)),
        seen: `${percent(several)} of the values are several words, ${percent(known)} begin with a common given name`,
      };
    }
    case "email":
      return seen(share("email"), "are e-mail addresses");
    case "phone":
      return isTime ? none : seen(Math.min(1, share("phone") * 1.3), "are phone numbers");
    case "birthdate":
      return seen(share("birthdate"), "are dates on which somebody can be born, or years");
    case "birth_year":
      return seen(share("birthYear"), "are years");
    case "birth_month":
      return seen(share("birthMonth"), "are months");
    case "birth_day":
      return seen(share("birthDay"), "are days of a month");
    case "address":
      return isNumber || isTime || share("email") > 0.3
        ? none
        : seen(Math.max(share("street"), share("words") * 0.6), "look like streets");
    case "house_number":
      return isTime ? none : seen(share("houseNumber"), "are house numbers");
    case "address2":
      return isTime || share("email") > 0.3
        ? none
        : { fit: column.filled === 0 ? 0 : 0.7, seen: "the values are texts" };
    case "occupation":
      return isNumber || isTime ? none : seen(share("words"), "are words");
    case "birthplace":
      return seen(share("company") > 0.4 ? 0 : share("words"), "are words");
    case "city":
      return seen(share("company") > 0.4 ? 0 : share("letters"), "are made of letters");
    case "state":
      return seen(share("state"), "are known states or provinces");
    case "postal":
      return seen(isTime ? 0 : share("postal"), "are postal codes by their form");
    case "country":
      return seen(share("country"), "are countries");
    case "gender":
      return column.distinct > 40 ? none : seen(share("gender"), "are words for a gender");
    case "company":
      return isNumber || (column.distinct <= 2 && column.filled > 5)
        ? none
        : {
            fit: Math.min(1, share("words") * 0.7 + share("company")),
            seen: `${percent(share("company"))} of the values end like a company's name`,
          };
    case "national_id":
      return seen(
        share("nationalId") * (column.distinct > column.filled * 0.3 ? 1 : 0),
        "are identity numbers by their form",
      );
    case "created_time":
    case "updated_time":
    case "transaction_time":
      return isTime
        ? seen(1, "are times")
        : seen(Math.max(share("date"), epochShare(column)), "are dates or times");
    case "transaction_amount":
      return seen(isTime ? 0 : share("amount"), "are amounts");
    case "currency":
      return seen(share("currency"), "are currency codes");
  }
}

const none: Fit = { fit: 0, seen: "the values are of another kind" };

function seen(share: number, what: string): Fit {
  return { fit: share, seen: `${percent(share)} of the values ${what}` };
}

/** Seconds or milliseconds since 1970, of this century. */
function epochShare(column: ColumnMeasure): number {
  const like = column.values.filter((value) => /^1[0-9]{9}(?:\d{3})?(?:\.\d+)?$/.test(value)).length;
  return column.values.length === 0 ? 0 : like / column.values.length;
}

export function percent(share: number): string {
  return `${Math.round(Math.min(1, share) * 100)} %`;
}

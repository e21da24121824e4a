import { type Aspect, alike, withinEdits } from "./comparison.ts";

/**
 * Whether more than one given name was seen with a value: then it is a household's mailbox or telephone. `identity_use_<column>` has one row a value.
 */
const several = (column: "email" | "phone"): NonNullable<Aspect["derived"]> => ({
  select: "coalesce(u.several, false) AS several",
  join: `LEFT JOIN identity_use_${column} u ON u.value = v.${column}`,
});

export const emailAspect: Aspect = {
  name: "email",
  columns: ["email", "local", "domain"],
  present: ["email"],
  derived: several("email"),
  comparisons: [
    {
      name: "email",
      missing: "l.email IS NULL OR r.email IS NULL",
      ofHousehold: true,
      levels: [
        { name: "exact", prior: 0.6, when: "l.email = r.email AND NOT l.several" },
        { name: "exact, of several people", prior: 0.05, when: "l.email = r.email" },
        { name: "same mailbox, other provider", prior: 0.05, when: "l.local = r.local AND len(l.local) >= 5" },
        {
          name: "typing error",
          prior: 0.08,
          when: `${withinEdits("l.email", "r.email", 2)} OR (l.domain = r.domain AND ${alike("l.local", "r.local", 0.93)})`,
        },
        { name: "similar mailbox", prior: 0.05, when: alike("l.local", "r.local", 0.86) },
        { name: "different", prior: 0.2, when: "true" },
      ],
    },
  ],
};

export const phoneAspect: Aspect = {
  name: "phone",
  columns: ["phone"],
  present: ["phone"],
  derived: several("phone"),
  comparisons: [
    {
      name: "phone",
      missing: "l.phone IS NULL OR r.phone IS NULL",
      ofHousehold: true,
      levels: [
        { name: "exact", prior: 0.6, when: "l.phone = r.phone AND NOT l.several" },
        { name: "exact, of several people", prior: 0.05, when: "l.phone = r.phone" },
        {
          name: "typing error",
          prior: 0.05,
          when: `${withinEdits("l.phone", "r.phone", 1)} OR right(l.phone, 7) = right(r.phone, 7)`,
        },
        { name: "different", prior: 0.3, when: "true" },
      ],
    },
  ],
};

export const nationalIdAspect: Aspect = {
  name: "national_id",
  columns: ["national_id"],
  present: ["national_id"],
  comparisons: [
    {
      name: "national_id",
      missing: "l.national_id IS NULL OR r.national_id IS NULL",
      ofHousehold: false,
      levels: [
        { name: "exact", prior: 0.9, when: "l.national_id = r.national_id" },
        { name: "typing error", prior: 0.06, when: withinEdits("l.national_id", "r.national_id", 1) },
        { name: "different", prior: 0.04, when: "true" },
      ],
    },
  ],
};

import { type Aspect, alike, withinEdits } from "./comparison.ts";

/** Mailboxes of one name differ in their figures (mary56, mary65), so figures must be the same for the letters to be a typing error. */
const sameFigures = "regexp_replace(l.local, '[^0-9]', '', 'g') = regexp_replace(r.local, '[^0-9]', '', 'g')";

export const emailAspect: Aspect = {
  name: "email",
  columns: ["email", "local", "domain"],
  present: ["email"],
  derived: {
    select:
      "coalesce(u.several, false) AS several, coalesce(d.common, false) AS common, b.local IS NOT NULL AS of_name",
    join: `LEFT JOIN identity_use_email u ON u.value = v.email LEFT JOIN identity_use_domain d ON d.domain = v.domain
      LEFT JOIN identity_mailbox b ON b.local = v.local`,
  },
  comparisons: [
    {
      name: "email",
      missing: "l.email IS NULL OR r.email IS NULL",
      ofHousehold: true,
      levels: [
        {
          name: "exact",
          prior: 0.6,
          householdPrior: 0.05,
          strangerAtMost: 1e-4,
          when: "l.email = r.email AND NOT l.several",
        },
        { name: "exact, of several people", prior: 0.05, householdPrior: 0.3, when: "l.email = r.email" },
        {
          name: "typing error",
          prior: 0.08,
          when: `${withinEdits("l.email", "r.email", 1)} AND len(l.local) >= 5 AND (${sameFigures} OR NOT l.common)`,
        },
        {
          name: "similar, of a rare provider",
          prior: 0.03,
          when: `NOT l.common AND NOT r.common AND ${alike("l.local", "r.local", 0.86)} AND ${alike("l.domain", "r.domain", 0.9)}`,
        },
        {
          name: "same mailbox, other provider",
          prior: 0.04,
          when: "l.local = r.local AND len(l.local) >= 5 AND NOT l.of_name",
        },
        { name: "different", prior: 0.2, when: "true" },
      ],
    },
  ],
};

export const phoneAspect: Aspect = {
  name: "phone",
  columns: ["phone"],
  present: ["phone"],
  derived: {
    select: "coalesce(u.several, false) AS several",
    join: "LEFT JOIN identity_use_phone u ON u.value = v.phone",
  },
  comparisons: [
    {
      name: "phone",
      missing: "l.phone IS NULL OR r.phone IS NULL",
      ofHousehold: true,
      levels: [
        { name: "exact", prior: 0.6, householdPrior: 0.05, when: "l.phone = r.phone AND NOT l.several" },
        { name: "exact, of several people", prior: 0.05, householdPrior: 0.3, when: "l.phone = r.phone" },
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

import { type Aspect, alike, withinEdits } from "./comparison.ts";

const sameNumber = "(l.number = r.number OR (l.number IS NULL AND r.number IS NULL))";

export const addressAspect: Aspect = {
  name: "address",
  columns: ["number", "street", "line2", "unit"],
  present: ["street"],
  comparisons: [
    {
      name: "address",
      missing: "l.street IS NULL OR r.street IS NULL",
      ofHousehold: true,
      levels: [
        { name: "exact", prior: 0.5, when: `l.street = r.street AND l.number = r.number` },
        {
          name: "similar street, same number",
          prior: 0.15,
          when: `${sameNumber} AND (l.street = r.street OR ${alike("l.street", "r.street", 0.88)} OR ${withinEdits("l.street", "r.street", 2)}
            OR ${alike("l.street", "r.line2", 0.9)} OR ${alike("l.line2", "r.street", 0.9)})`,
        },
        {
          name: "same street, similar number",
          prior: 0.05,
          when: `(l.street = r.street OR ${alike("l.street", "r.street", 0.92)})
            AND (l.number IS NULL OR r.number IS NULL OR ${withinEdits("l.number", "r.number", 1)})`,
        },
        {
          name: "same street",
          prior: 0.03,
          when: `l.street = r.street OR ${alike("l.street", "r.street", 0.92)}`,
        },
        {
          name: "different",
          prior: 0.27,
          when: "true",
        },
      ],
    },
  ],
};

const sameTown = `(l.town = r.town OR ${alike("l.town", "r.town", 0.9)} OR ${withinEdits("l.town", "r.town", 1)})`;
const nearZip = withinEdits("l.zip", "r.zip", 1);

/** Town and postal code say the same thing twice, so they are one piece of evidence. */
export const placeAspect: Aspect = {
  name: "place",
  columns: ["town", "region", "zip"],
  present: ["town", "region", "zip"],
  comparisons: [
    {
      name: "place",
      missing:
        "(l.zip IS NULL OR r.zip IS NULL) AND (l.town IS NULL OR r.town IS NULL) AND (l.region IS NULL OR r.region IS NULL)",
      ofHousehold: true,
      rarity: { column: "town", levels: ["same town and postal code", "same town"] },
      levels: [
        {
          name: "same town and postal code",
          prior: 0.5,
          when: `l.zip = r.zip AND (l.town = r.town OR l.town IS NULL OR r.town IS NULL)`,
        },
        {
          name: "same postal code or similar both",
          prior: 0.15,
          when: `l.zip = r.zip OR (${nearZip} AND ${sameTown})`,
        },
        { name: "same town", prior: 0.12, when: "l.town = r.town" },
        { name: "similar town or postal code", prior: 0.08, when: `${sameTown} OR ${nearZip}` },
        {
          name: "same region",
          prior: 0.05,
          when: "l.region = r.region",
        },
        { name: "different", prior: 0.1, when: "true" },
      ],
    },
  ],
};

export const companyAspect: Aspect = {
  name: "company",
  columns: ["company"],
  present: ["company"],
  comparisons: [
    {
      name: "company",
      missing: "l.company IS NULL OR r.company IS NULL",
      ofHousehold: true,
      rarity: { column: "company", levels: ["exact"] },
      levels: [
        { name: "exact", prior: 0.6, when: "l.company = r.company" },
        {
          name: "nearly the same words",
          prior: 0.2,
          when: `${alike("l.company", "r.company", 0.93)} OR (least(len(l.company), len(r.company)) >= 4
            AND (starts_with(l.company, r.company) OR starts_with(r.company, l.company)))
            OR len(list_intersect(string_split(l.company, ' '), string_split(r.company, ' '))) * 3
              >= 2 * least(len(string_split(l.company, ' ')), len(string_split(r.company, ' ')))`,
        },
        { name: "similar", prior: 0.08, when: alike("l.company", "r.company", 0.82) },
        { name: "different", prior: 0.12, when: "true" },
      ],
    },
  ],
};

import { type Aspect, alike, withinEdits } from "./comparison.ts";

/** Each name in the other's place; where a record has one name only, that one. */
const swapped = `((l.given <> r.given OR l.given IS NULL OR r.given IS NULL)
  AND (l.given IS NOT NULL OR r.given IS NOT NULL) AND (l.family IS NOT NULL OR r.family IS NOT NULL)
  AND coalesce(${alike("l.given", "r.family", 0.92)}, l.given IS NULL OR r.family IS NULL)
  AND coalesce(${alike("l.family", "r.given", 0.92)}, l.family IS NULL OR r.given IS NULL)
  AND ((l.given IS NOT NULL AND r.family IS NOT NULL) OR (l.family IS NOT NULL AND r.given IS NOT NULL))
  AND NOT coalesce(${alike("l.given", "r.given", 0.92)}, false) AND NOT coalesce(${alike("l.family", "r.family", 0.92)}, false))`;

/** Given name and surname are compared together, since people write one in place of the other. */
export const nameAspect: Aspect = {
  name: "name",
  columns: ["given", "middle", "given_sound", "family", "family_sound", "last_part"],
  present: ["given", "family"],
  derived: {
    select: "coalesce(k.roots, [v.given]) AS roots",
    join: "LEFT JOIN identity_given_root k ON k.name = v.given",
  },
  comparisons: [
    {
      name: "given_name",
      missing: `(l.given IS NULL OR r.given IS NULL) AND NOT coalesce(${swapped}, false)`,
      ofHousehold: false,
      rarity: { column: "given", levels: ["exact"] },
      levels: [
        { name: "exact", prior: 0.72, when: "l.given = r.given" },
        { name: "swapped with surname", prior: 0.02, when: swapped },
        {
          name: "nickname or middle name",
          prior: 0.06,
          when: "list_has_any(l.roots, r.roots) OR l.middle = r.given OR r.middle = l.given",
        },
        {
          name: "initial",
          prior: 0.04,
          when: "least(len(l.given), len(r.given)) = 1 AND left(l.given, 1) = left(r.given, 1)",
        },
        {
          name: "typing error",
          prior: 0.08,
          when: `(least(len(l.given), len(r.given)) >= 3 AND ${withinEdits("l.given", "r.given", 1)}) OR ${alike("l.given", "r.given", 0.93)}`,
        },
        {
          name: "similar",
          prior: 0.04,
          when: `${alike("l.given", "r.given", 0.82)} OR (l.given_sound = r.given_sound AND len(l.given_sound) > 1)
            OR (least(len(l.given), len(r.given)) >= 5 AND ${withinEdits("l.given", "r.given", 2)})`,
        },
        { name: "different", prior: 0.04, when: "true" },
      ],
    },
    {
      name: "surname",
      missing: `l.family IS NULL OR r.family IS NULL OR coalesce(${swapped}, false)`,
      ofHousehold: true,
      rarity: { column: "family", levels: ["exact"] },
      levels: [
        { name: "exact", prior: 0.78, when: "l.family = r.family" },
        {
          name: "typing error",
          prior: 0.1,
          when: `(least(len(l.family), len(r.family)) >= 3 AND ${withinEdits("l.family", "r.family", 1)}) OR ${alike("l.family", "r.family", 0.94)}`,
        },
        {
          name: "part of a double name",
          prior: 0.02,
          when: `least(len(l.last_part), len(r.last_part)) >= 3 AND (l.last_part = r.last_part OR starts_with(l.family, r.family) OR starts_with(r.family, l.family)
            OR ends_with(l.family, r.family) OR ends_with(r.family, l.family))`,
        },
        {
          name: "similar",
          prior: 0.04,
          when: `${alike("l.family", "r.family", 0.85)} OR (l.family_sound = r.family_sound AND len(l.family_sound) > 1)
            OR (least(len(l.family), len(r.family)) >= 5 AND ${withinEdits("l.family", "r.family", 2)})`,
        },
        { name: "different", prior: 0.06, when: "true" },
      ],
    },
  ],
};

/** "Jr." and "Sr." are what tells father and son apart. */
export const suffixAspect: Aspect = {
  name: "suffix",
  columns: ["suffix"],
  present: ["suffix"],
  comparisons: [
    {
      name: "name_suffix",
      missing: "l.suffix IS NULL OR r.suffix IS NULL",
      ofHousehold: false,
      levels: [
        { name: "exact", prior: 0.98, when: "l.suffix = r.suffix" },
        { name: "different", prior: 0.02, when: "true" },
      ],
    },
  ],
};

export const genderAspect: Aspect = {
  name: "gender",
  columns: ["gender"],
  present: ["gender"],
  comparisons: [
    {
      name: "gender",
      missing: "l.gender IS NULL OR r.gender IS NULL",
      ofHousehold: false,
      levels: [
        { name: "exact", prior: 0.97, when: "l.gender = r.gender" },
        { name: "different", prior: 0.03, when: "true" },
      ],
    },
  ],
};

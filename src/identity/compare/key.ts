import type { Aspect } from "./comparison.ts";

/** Keys that systems gave: equal in one of the sources that both records have a key of, or unequal there. */
export function keyAspect(keyCount: number): Aspect {
  const keys = Array.from({ length: keyCount }, (_, i) => `key_${i}`);
  const comparable = keys.map((key) => `(l.${key} IS NOT NULL AND r.${key} IS NOT NULL)`).join(" OR ");
  return {
    name: "key",
    columns: keys,
    present: keys,
    comparisons: [
      {
        name: "customer_key",
        missing: `NOT (${comparable})`,
        ofHousehold: true,
        levels: [
          {
            name: "exact",
            prior: 0.8,
            householdPrior: 0.05,
            strangerAtMost: 1e-5,
            when: keys.map((key) => `coalesce(l.${key} = r.${key}, false)`).join(" OR "),
          },
          { name: "different", prior: 0.2, householdPrior: 0.95, when: "true" },
        ],
      },
    ],
  };
}

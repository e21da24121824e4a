import type { Nodes } from "../node/nodes.ts";
import type { Comparison } from "./comparison.ts";
import { isPartOf, similarity, withinEdits } from "./distance.ts";

export function addressComparison(nodes: Nodes): Comparison {
  const [street, line2, number] = [nodes.column("street"), nodes.column("line2"), nodes.column("number")];
  const [streets, numbers] = [nodes.dictionary("street"), nodes.dictionary("number")];
  const alike = (left: number, right: number, least: number): boolean =>
    left !== 0 && right !== 0 && similarity(streets, left, right, least) >= least;
  return {
    name: "address",
    ofHousehold: true,
    ofOnePerson: false,
    levels: [
      { name: "exact", prior: 0.5 },
      { name: "similar street, same number", prior: 0.15 },
      { name: "same street, similar number", prior: 0.05 },
      { name: "same street", prior: 0.03 },
      { name: "different", prior: 0.27 },
    ],
    level(a, b) {
      const [left, right] = [street[a]!, street[b]!];
      if (left === 0 || right === 0) return 0;
      const [m, n] = [number[a]!, number[b]!];
      if (left === right && m === n && m !== 0) return 1;
      const alikeness = similarity(streets, left, right, 0.88);
      if (
        m === n &&
        (alikeness >= 0.88 ||
          withinEdits(streets, left, right, 2) ||
          alike(left, line2[b]!, 0.9) ||
          alike(line2[a]!, right, 0.9))
      )
        return 2;
      if (alikeness < 0.92) return 5;
      return m === 0 || n === 0 || withinEdits(numbers, m, n, 1) ? 3 : 4;
    },
  };
}

/** Town and postal code say the same thing twice, so they are one piece of evidence. */
export function placeComparison(nodes: Nodes): Comparison {
  const [town, region, zip] = [nodes.column("town"), nodes.column("region"), nodes.column("zip")];
  const [towns, zips] = [nodes.dictionary("town"), nodes.dictionary("zip")];
  return {
    name: "place",
    ofHousehold: true,
    ofOnePerson: false,
    rarity: {
      column: "town",
      levels: ["same town and postal code", "same town"],
    },
    levels: [
      { name: "same town and postal code", prior: 0.5 },
      { name: "same postal code or similar both", prior: 0.15 },
      { name: "same town", prior: 0.12 },
      { name: "similar town or postal code", prior: 0.08 },
      { name: "same region", prior: 0.05 },
      { name: "different", prior: 0.1 },
    ],
    level(a, b) {
      const [t, u, z, y] = [town[a]!, town[b]!, zip[a]!, zip[b]!];
      const [towned, zipped] = [t !== 0 && u !== 0, z !== 0 && y !== 0];
      const sameRegion = region[a] !== 0 && region[a] === region[b];
      if (!towned && !zipped && (region[a] === 0 || region[b] === 0)) return 0;
      if (zipped && z === y) return !towned || t === u ? 1 : 2;
      if (towned && t === u && !zipped) return 3;
      const nearZip = zipped && withinEdits(zips, z, y, 1);
      const sameTown =
        towned && (t === u || similarity(towns, t, u, 0.9) >= 0.9 || withinEdits(towns, t, u, 1));
      if (nearZip && sameTown) return 2;
      if (towned && t === u) return 3;
      if (nearZip || sameTown) return 4;
      return sameRegion ? 5 : 6;
    },
  };
}

export function companyComparison(nodes: Nodes): Comparison {
  const company = nodes.column("company");
  const companies = nodes.dictionary("company");
  const length = (left: number, right: number): number =>
    Math.min(companies.length(left), companies.length(right));
  return {
    name: "company",
    ofHousehold: true,
    ofOnePerson: false,
    rarity: { column: "company", levels: ["exact"] },
    levels: [
      { name: "exact", prior: 0.6 },
      { name: "nearly the same words", prior: 0.2 },
      { name: "similar", prior: 0.08 },
      { name: "different", prior: 0.12 },
    ],
    level(a, b) {
      const [left, right] = [company[a]!, company[b]!];
      if (left === 0 || right === 0) return 0;
      if (left === right) return 1;
      const alikeness = similarity(companies, left, right, 0.82);
      if (alikeness >= 0.93) return 2;
      if (length(left, right) >= 4 && isPartOf(companies, left, right)) return 2;
      if (mostWordsShared(companies.text(left), companies.text(right))) return 2;
      return alikeness >= 0.82 ? 3 : 4;
    },
  };
}

/** Two thirds of the shorter name's words are in the longer. */
function mostWordsShared(left: string, right: string): boolean {
  const [mine, others] = [new Set(left.split(" ")), new Set(right.split(" "))];
  const shared = [...mine].filter((word) => others.has(word)).length;
  return 3 * shared >= 2 * Math.min(mine.size, others.size);
}

import type { Nodes } from "../node/nodes.ts";
import type { Comparison } from "./comparison.ts";
import { isPartOf, similarity, withinEdits } from "./distance.ts";

/** Given name and surname are compared together, since people write one in place of the other. */
export function nameComparisons(nodes: Nodes): Comparison[] {
  const words = nodes.dictionary("word");
  const sounds = nodes.dictionary("sound");
  const [given, middle, givenSound] = ["given", "middle", "given_sound"].map((name) =>
    nodes.column(name as "given"),
  ) as [Int32Array, Int32Array, Int32Array];
  const family = nodes.column("family");
  const familySound = nodes.column("family_sound");
  const lastPart = nodes.column("last_part");
  const alike = (left: number, right: number, least: number): boolean =>
    left !== 0 && right !== 0 && similarity(words, left, right, least) >= least;
  const soundAlike = (left: number, right: number): boolean =>
    left === right && left !== 0 && sounds.length(left) > 1;
  const letters = (left: number, right: number): number => Math.min(words.length(left), words.length(right));
  const hasRoots = new Uint8Array(words.size + 1);
  for (const word of nodes.roots.keys()) hasRoots[word] = 1;
  const shareRoot = (left: number, right: number): boolean => {
    if (hasRoots[left] === 0 && hasRoots[right] === 0) return false;
    const [mine, others] = [nodes.roots.get(left), nodes.roots.get(right)];
    if (mine === undefined) return others?.includes(left) ?? false;
    if (others === undefined) return mine.includes(right);
    return mine.some((root) => others.includes(root));
  };
  /** 2: the same but for a typing error, 1: similar, 0: different. */
  const nearness = (left: number, right: number): 0 | 1 | 2 => {
    if (left === right) return 2;
    const shortest = letters(left, right);
    if (shortest < 3) return 0;
    const alikeness = similarity(words, left, right, 0.82);
    if (alikeness >= 0.92 || withinEdits(words, left, right, 1)) return 2;
    return alikeness >= 0.82 || (shortest >= 5 && withinEdits(words, left, right, 2)) ? 1 : 0;
  };
  /** Each name in the other's place; where a record has one name only, that one. */
  const swapped = (a: number, b: number): boolean => {
    const [g, h, f, e] = [given[a]!, given[b]!, family[a]!, family[b]!];
    if ((g === h && g !== 0) || (f === e && f !== 0)) return false;
    if (!((g !== 0 && e !== 0) || (f !== 0 && h !== 0))) return false;
    if ((g === 0 && f === 0) || (h === 0 && e === 0)) return false;
    const one = g === 0 || e === 0 ? 2 : nearness(g, e);
    if (one === 0) return false;
    const other = f === 0 || h === 0 ? 2 : nearness(f, h);
    // One of the two may be far off where the other is not.
    if (other === 0 || one + other < 3) return false;
    return !alike(g, h, 0.92) && !alike(f, e, 0.92);
  };
  return [
    {
      name: "given_name",
      ofHousehold: false,
      ofOnePerson: true,
      rarity: { column: "given", levels: ["exact"] },
      levels: [
        { name: "exact", prior: 0.72 },
        { name: "swapped with surname", prior: 0.02 },
        { name: "nickname or middle name", prior: 0.06 },
        { name: "initial", prior: 0.04 },
        { name: "typing error", prior: 0.08 },
        { name: "similar", prior: 0.04 },
        { name: "different", prior: 0.04 },
      ],
      level(a, b) {
        const [left, right] = [given[a]!, given[b]!];
        if (left === right && left !== 0) return 1;
        if (swapped(a, b)) return 2;
        if (left === 0 || right === 0) return 0;
        if (shareRoot(left, right) || middle[a] === right || middle[b] === left) return 3;
        const shortest = letters(left, right);
        if (shortest === 1) {
          const bytes = words.bytes;
          return bytes[words.start(left)] === bytes[words.start(right)] ? 4 : 7;
        }
        if (shortest >= 3 && withinEdits(words, left, right, 1)) return 5;
        const alikeness = similarity(words, left, right, 0.82);
        if (alikeness >= 0.93) return 5;
        if (alikeness >= 0.82 || soundAlike(givenSound[a]!, givenSound[b]!)) return 6;
        // "la" for "ela": too short for more.
        return withinEdits(words, left, right, shortest >= 5 ? 2 : 1) ? 6 : 7;
      },
    },
    {
      name: "surname",
      ofHousehold: true,
      ofOnePerson: true,
      rarity: { column: "family", levels: ["exact"] },
      levels: [
        { name: "exact", prior: 0.78 },
        { name: "typing error", prior: 0.1 },
        { name: "part of a double name", prior: 0.02 },
        { name: "similar", prior: 0.04 },
        { name: "different", prior: 0.06 },
      ],
      level(a, b) {
        const [left, right] = [family[a]!, family[b]!];
        if (left === 0 || right === 0) return 0;
        if (left === right) return 1;
        if (swapped(a, b)) return 0;
        const shortest = letters(left, right);
        if (shortest >= 3 && withinEdits(words, left, right, 1)) return 2;
        const alikeness = similarity(words, left, right, 0.85);
        if (alikeness >= 0.94) return 2;
        const [lastLeft, lastRight] = [lastPart[a]!, lastPart[b]!];
        if (
          lastLeft !== 0 &&
          lastRight !== 0 &&
          letters(lastLeft, lastRight) >= 3 &&
          (lastLeft === lastRight || isPartOf(words, left, right))
        )
          return 3;
        if (alikeness >= 0.85 || soundAlike(familySound[a]!, familySound[b]!)) return 4;
        return shortest >= 5 && withinEdits(words, left, right, 2) ? 4 : 5;
      },
    },
  ];
}

export function middleNameComparison(nodes: Nodes): Comparison {
  const words = nodes.dictionary("word");
  const middle = nodes.column("middle");
  const first = (word: number): number => words.bytes[words.start(word)]!;
  return {
    name: "middle_name",
    ofHousehold: false,
    ofOnePerson: true,
    levels: [
      { name: "exact", prior: 0.7 },
      { name: "initial", prior: 0.15 },
      { name: "similar", prior: 0.1 },
      { name: "different", prior: 0.05 },
    ],
    level(a, b) {
      const [left, right] = [middle[a]!, middle[b]!];
      if (left === 0 || right === 0) return 0;
      const shortest = Math.min(words.length(left), words.length(right));
      if (shortest === 1) return first(left) === first(right) ? 2 : 4;
      if (left === right) return 1;
      return similarity(words, left, right, 0.85) >= 0.85 ? 3 : 4;
    },
  };
}

/** "Jr." and "Sr." are what tells father and son apart. */
export function suffixComparison(nodes: Nodes): Comparison {
  return equality(nodes.column("suffix"), {
    name: "name_suffix",
    ofHousehold: false,
    ofOnePerson: true,
    levels: [
      { name: "exact", prior: 0.98 },
      { name: "different", prior: 0.02 },
    ],
  });
}

export function genderComparison(nodes: Nodes): Comparison {
  return equality(nodes.column("gender"), {
    name: "gender",
    ofHousehold: false,
    ofOnePerson: true,
    levels: [
      { name: "exact", prior: 0.97 },
      { name: "different", prior: 0.03 },
    ],
  });
}

function equality(column: Int32Array, of: Omit<Comparison, "level">): Comparison {
  return {
    ...of,
    level(a, b) {
      const [left, right] = [column[a]!, column[b]!];
      if (left === 0 || right === 0) return 0;
      return left === right ? 1 : 2;
    },
  };
}

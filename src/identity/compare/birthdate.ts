import type { Nodes } from "../node/nodes.ts";
import type { Comparison } from "./comparison.ts";
import { withinEdits } from "./distance.ts";

/** `YYYY-MM-DD` as figures, 0 for what is not known, and the day's number where there is such a day. */
interface Birthdates {
  readonly year: Int16Array;
  readonly month: Int8Array;
  readonly day: Int8Array;
  /** Days since 1970-01-01; NaN for a date that is none. */
  readonly date: Float64Array;
}

/** By number of `birth`. */
function birthdatesOf(nodes: Nodes): Birthdates {
  const texts = nodes.dictionary("birth");
  const size = texts.size + 1;
  const found = {
    year: new Int16Array(size),
    month: new Int8Array(size),
    day: new Int8Array(size),
    date: new Float64Array(size).fill(Number.NaN),
  };
  for (let id = 1; id < size; id++) {
    const [year, month, day] = texts.text(id).split("-").map(Number) as [number, number, number];
    [found.year[id], found.month[id], found.day[id]] = [year, month, day];
    const date = new Date(0);
    date.setUTCFullYear(year, month - 1, day);
    if (date.getUTCMonth() === month - 1 && date.getUTCDate() === day)
      found.date[id] = date.getTime() / 86_400_000;
  }
  return found;
}

export function birthdateComparison(nodes: Nodes): Comparison {
  const birth = nodes.column("birth");
  const texts = nodes.dictionary("birth");
  const { year, month, day, date } = birthdatesOf(nodes);
  const isWhole = (id: number): boolean => year[id] !== 0 && month[id] !== 0 && day[id] !== 0;
  return {
    name: "birthdate",
    ofHousehold: false,
    ofOnePerson: true,
    levels: [
      { name: "exact", prior: 0.8 },
      { name: "typing error", prior: 0.09 },
      { name: "as far as known", prior: 0.02 },
      { name: "two parts of three", prior: 0.03 },
      { name: "two typing errors", prior: 0.01 },
      { name: "within a month", prior: 0.01 },
      { name: "within a year", prior: 0.01 },
      { name: "different", prior: 0.03 },
    ],
    level(a, b) {
      const [left, right] = [birth[a]!, birth[b]!];
      if (left === 0 || right === 0) return 0;
      const sameYear = year[left] === year[right];
      const sameMonth = month[left] === month[right];
      const sameDay = day[left] === day[right];
      if (!isWhole(left) || !isWhole(right)) {
        const [years, months, days] = [
          agreed(year, left, right),
          agreed(month, left, right),
          agreed(day, left, right),
        ];
        if (years !== false && months !== false && days !== false && (years || (months && days))) return 3;
      } else {
        if (left === right) return 1;
        if (sameYear && month[left] === day[right] && day[left] === month[right]) return 2;
        if (withinEdits(texts, left, right, 1)) return 2;
        if (Number(sameYear) + Number(sameMonth) + Number(sameDay) === 2) return 4;
        if (withinEdits(texts, left, right, 2)) return 5;
      }
      // A date that there is not was spoilt: it tells nothing of one that is no neighbour of it.
      if (day[left] !== 0 && day[right] !== 0 && (Number.isNaN(date[left]!) || Number.isNaN(date[right]!)))
        return 0;
      const apart = Math.abs(date[left]! - date[right]!);
      if (apart <= 31) return 6;
      return apart <= 366 || (sameYear && year[left] !== 0) ? 7 : 8;
    },
  };
}

/** Whether two parts are the same; undefined when one is not known. */
function agreed(part: Int16Array | Int8Array, left: number, right: number): boolean | undefined {
  return part[left] === 0 || part[right] === 0 ? undefined : part[left] === part[right];
}

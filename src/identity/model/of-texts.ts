import type { Dictionary } from "../node/dictionary.ts";

/** Of each text of a dictionary that `isWanted`, its number: a fact for {@link Facts.numbers}. */
export function numbersByText(
  dictionary: Dictionary,
  numbers: ArrayLike<number>,
  isWanted: (id: number) => boolean,
): Map<string, number> {
  const found = new Map<string, number>();
  for (let id = 1; id <= dictionary.size; id++)
    if (isWanted(id)) found.set(dictionary.text(id), numbers[id]!);
  return found;
}

/** The other way: a fact's numbers, by those of a dictionary. What it does not know has `otherwise`, and no text 0. */
export function numbersById(
  dictionary: Dictionary,
  known: ReadonlyMap<string, number>,
  otherwise = 0,
): Float64Array {
  const found = new Float64Array(dictionary.size + 1).fill(otherwise, 1);
  if (known.size < dictionary.size) {
    for (const [text, number] of known) {
      const id = dictionary.findText(text);
      if (id !== 0) found[id] = number;
    }
  } else {
    for (let id = 1; id <= dictionary.size; id++) found[id] = known.get(dictionary.text(id)) ?? otherwise;
  }
  return found;
}

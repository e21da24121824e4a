import type { IdentityInput } from "./input.ts";
import type { Facts } from "./model/facts.ts";

export interface Sources {
  /** Those whose keys are known, in order. */
  readonly keySources: readonly string[];
  /** Those that records are of, in the model's order. */
  readonly all: readonly string[];
}

export function sourcesOf(
  inputs: readonly IdentityInput[],
  keySources: readonly string[],
  facts: Facts,
): Sources {
  const all = facts.numbers(
    "source",
    () =>
      new Map(
        inputs
          .map(({ source }) => source)
          .sort()
          .map((source, i) => [source, i]),
      ),
  );
  return { keySources, all: [...all].sort(([, i], [, j]) => i - j).map(([source]) => source) };
}

/** Sources whose names are those of whom something is sent to, by what their columns are called: not always of who ordered it. */
export function shippingSources(inputs: readonly IdentityInput[]): ReadonlySet<string> {
  const names: ReadonlySet<string> = new Set(["given_name", "surname", "full_name"]);
  return new Set(
    inputs.flatMap(({ source, tags }) => {
      const columns = Object.entries(tags).flatMap(([column, tag]) => (names.has(tag) ? [column] : []));
      return columns.length > 0 && columns.every((column) => shippingHeader.test(column)) ? [source] : [];
    }),
  );
}

const shippingHeader =
  /^(ship|shipping|shipto|ship_to|deliver|delivery|recipient|addressee|consignee|liefer|livraison|envio)/i;

/** What the nodes that share an e-mail, a telephone or a key with a node say of it; by node, 0 or 1. */
export interface Marks {
  /** What it says is of whom something is sent to, not of whose it is: see {@link takeRecipientsAway}. */
  readonly aside: Uint8Array;
  /** Its e-mail is another one's, or of several people. */
  readonly foreignEmail: Uint8Array;
  /** The same of its telephone. */
  readonly foreignPhone: Uint8Array;
}

/** One number of each node's marks, for a table. */
export function packMarks({ aside, foreignEmail, foreignPhone }: Marks): Int32Array {
  return Int32Array.from(aside, (one, node) => one + 2 * foreignEmail[node]! + 4 * foreignPhone[node]!);
}

export function unpackMarks(packed: ArrayLike<number>): Marks {
  const bit = (which: number): Uint8Array => Uint8Array.from(packed, (marks) => (marks >> which) & 1);
  return { aside: bit(0), foreignEmail: bit(1), foreignPhone: bit(2) };
}

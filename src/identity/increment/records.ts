import type { Session } from "../../engine/index.ts";
import { mixed, signsOf } from "../block/keys.ts";
import type { BlockTable } from "../block/table.ts";
import { type Marks, packMarks } from "../node/marks.ts";
import type { NodeColumn, Nodes } from "../node/nodes.ts";
import { keyColumnNames, standardColumns } from "../standardise/standardise.ts";

/** What a resolution found of its nodes, besides what they say. */
export interface NodeState {
  readonly nodes: Nodes;
  readonly marks: Marks;
  /** As {@link Candidates} has them. */
  readonly blocks: BlockTable;
  readonly component: Int32Array;
}

/** The columns of `identity_records` that are a record's evidence, standardised, with the names that its mailbox is made of. */
export function evidenceColumns(keyCount: number): string[] {
  return [...standardColumns, ...keyColumnNames(keyCount), "mailbox_given", "mailbox_family"];
}

/** The same read from `identity_standard s` and `identity_mailbox m`. */
export function selectEvidence(evidence: readonly string[]): string {
  return evidence
    .map((name) =>
      name.startsWith("mailbox_") ? `m.${name.slice("mailbox_".length)} AS ${name}` : `s.${name}`,
    )
    .join(", ");
}

/**
 * Makes `identity_records(no, source, record_id, component, marks, same, block_0, …, sign_0, …, evidence columns)` of the nodes of this session: what an
 * increment needs of a record that did not change. `no` is the record's number, as `numbers(r, no)` has it, and `component` the smallest one
 * of its component; `block_<i>` is its block of the i-th blocking key, `sign_<i>` a code of its i-th {@link signsOf}, and `same` a block of those that say the same, null
 * where it is in none.
 */
export async function writeRecords(
  session: Session,
  keyCount: number,
  { nodes, marks, blocks, component }: NodeState,
  numbers = "(SELECT r, r AS no FROM identity_raw)",
): Promise<void> {
  const signs = signsOf(nodes);
  const blockColumns = Array.from({ length: blocks.keys }, (_, i) => `block_${i}`);
  await session.load("identity_node_state", {
    node: Int32Array.from(component.keys()),
    root: component,
    marks: packMarks(marks),
    same: sameBlocks(nodes),
    ...Object.fromEntries(blockColumns.map((name, i) => [name, blocks.column(i)])),
    ...Object.fromEntries(
      signs.map(({ part }, i) => [`sign_${i}`, Int32Array.from(component, (_, node) => part(node))]),
    ),
  });
  const codes = ["same", ...blockColumns, ...signs.map((_, i) => `sign_${i}`)];
  await session.run(`
    CREATE OR REPLACE TEMP TABLE identity_component AS
    SELECT root, min(no) AS component FROM identity_node_state JOIN identity_member USING (node) JOIN ${numbers} USING (r) GROUP BY root;
    CREATE OR REPLACE TEMP TABLE identity_records AS
    SELECT no, source, record_id, component, marks, ${codes.map((name) => `nullif(${name}, 0) AS ${name}`).join(", ")}, ${selectEvidence(evidenceColumns(keyCount))}
    FROM identity_standard s JOIN identity_raw USING (r) JOIN ${numbers} USING (r) JOIN identity_member USING (r)
    JOIN identity_node_state USING (node) JOIN identity_component USING (root) LEFT JOIN identity_mailbox m ON m.local = s.local;
    DROP TABLE identity_node_state; DROP TABLE identity_component`);
}

const telling: readonly NodeColumn[] = [
  "given",
  "family",
  "email",
  "phone",
  "birth",
  "number",
  "street",
  "zip",
];

/** By node: a number that nodes have in common which say the same. */
function sameBlocks(nodes: Nodes): Int32Array {
  const columns = [
    ...telling.map((name) => ({ column: nodes.column(name), dictionary: nodes.dictionaryOf(name) })),
    ...nodes.keys.map((column, i) => ({ column, dictionary: nodes.keyTexts[i]! })),
  ];
  const found = new Int32Array(nodes.count).fill(1);
  for (const { column, dictionary } of columns)
    for (let node = 0; node < nodes.count; node++) {
      const id = column[node]!;
      found[node] = mixed(found[node]!, id === 0 ? 0 : dictionary.code(id));
    }
  return found;
}

import type { Row } from "../model/model.ts";
import { type Step, values } from "./history.ts";

const [canary, other] = values;
const row = (id: number, part: string | null): Row => ({ id, part, n: id, tags: null });
/** With versions that state the schema again, a checkpoint in between, deleted rows, a foreign commit, a clone and orphans. */
export const historyOfPurge: readonly Step[] = [
  { kind: "append", rows: [row(1, canary), row(2, other)] },
  { kind: "append", rows: [row(3, other)] },
  { kind: "addColumn" },
  { kind: "foreign", row: row(4, canary) },
  { kind: "delete", condition: { sql: "id = 3", test: ({ id }) => id === 3 } },
  { kind: "clone" },
  { kind: "append", rows: [row(5, canary), row(6, null)] },
  { kind: "orphan", row: row(7, canary) },
];

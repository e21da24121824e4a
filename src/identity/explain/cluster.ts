import { OneCopyError } from "../../base/index.ts";
import { literal, type Session } from "../../engine/index.ts";
import type { IdentityInput } from "../input.ts";
import { type Evidence, evidenceWithValues } from "./explain.ts";
import { cheapestCut } from "./min-cut.ts";
import { filledValues, type RawRecord, recordKey, recordsOf, type RecordName } from "./read-record.ts";
import { edgesAmong, spanningTree, type StoredEdge } from "./stored-edges.ts";

export interface ClusterExplanation {
  readonly profileId: string;
  /** In the order of source and id. */
  readonly records: readonly (RecordName & { readonly values: Readonly<Record<string, string>> })[];
  /** The pairs that were weighed, the strongest first; not every pair is. */
  readonly edges: readonly ClusterEdge[];
  /** What holds the profile together is a chain of its strongest edges, one fewer than records: the weakest of them. */
  readonly weakest: ClusterEdge | undefined;
  /** Undefined for one record, and for more than {@link mostRecordsCut} of them. */
  readonly split: ClusterSplit | undefined;
}

export interface ClusterEdge extends Omit<StoredEdge, "evidence"> {
  readonly evidence: readonly Evidence[];
}

/** The cheapest way to part the profile in two. */
export interface ClusterSplit {
  /** The smaller side. */
  readonly records: readonly RecordName[];
  /** Edges between the two sides that hold them together: without them, and no others, the profile is two. */
  readonly holding: readonly ClusterEdge[];
  /** Edges between the two sides that speak against it. */
  readonly parting: readonly ClusterEdge[];
  /** Sums of their weights. */
  readonly holdingWeight: number;
  readonly partingWeight: number;
}

/** The cut takes time by the third power of the records. */
export const mostRecordsCut = 400;

/**
 * What holds a profile together, from the relations as `identity.edges`, `identity.assignments` and `identity.retired` have them. An id
 * that was retired stands for its successor. Fails with `identity.unknown_profile`.
 */
export async function explainCluster(
  session: Session,
  people: {
    readonly inputs: readonly IdentityInput[];
    readonly edges: string;
    readonly assignments: string;
    readonly retired: string;
  },
  asked: { readonly profileId: string } | RecordName,
): Promise<ClusterExplanation> {
  const profileId = await profileOf(session, people, asked);
  const names = await session.rows<{ source: string; record_id: string }>(
    `SELECT source, record_id FROM ${people.assignments} WHERE profile_id = ${literal(profileId)} ORDER BY ALL`,
  );
  const members = names.map(({ source, record_id: recordId }): RecordName => ({ source, recordId }));
  const raw = await recordsOf(session, people.inputs, members);
  const edges = await edgesBetween(session, people, profileId, raw);
  const tree = spanningTree(edges);
  return {
    profileId,
    records: members.map((name) => ({ ...name, values: filledValues(raw.get(recordKey(name))) })),
    edges,
    weakest: tree.at(-1),
    split: members.length > 1 && members.length <= mostRecordsCut ? splitOf(members, edges) : undefined,
  };
}

async function profileOf(
  session: Session,
  { assignments, retired }: { readonly assignments: string; readonly retired: string },
  asked: { readonly profileId: string } | RecordName,
): Promise<string> {
  const isRecord = "recordId" in asked;
  const [found] = await session.rows<{ id: string | null }>(
    isRecord
      ? `SELECT profile_id AS id FROM ${assignments} WHERE source = ${literal(asked.source)} AND record_id = ${literal(asked.recordId)}`
      : `SELECT profile_id AS id FROM ${assignments} WHERE profile_id = ${literal(asked.profileId)}
         UNION ALL SELECT successor FROM ${retired} WHERE profile_id = ${literal(asked.profileId)} LIMIT 1`,
  );
  if (found?.id != null) return found.id;
  const what = isRecord ? `record ${asked.source}:${asked.recordId}` : `profile ${asked.profileId}`;
  throw new OneCopyError(
    "identity.unknown_profile",
    found === undefined
      ? `There is no ${what}.`
      : `The profile ${isRecord ? "" : asked.profileId} was retired, and none of its records is left.`,
    { remedy: "Give a profile_id of identity.assignments, or one of its records as SOURCE:ID." },
  );
}

async function edgesBetween(
  session: Session,
  { edges, assignments }: { readonly edges: string; readonly assignments: string },
  profileId: string,
  raw: ReadonlyMap<string, RawRecord>,
): Promise<ClusterEdge[]> {
  const members = `SELECT source, record_id FROM ${assignments} WHERE profile_id = ${literal(profileId)}`;
  const valuesOf = (name: RecordName): RawRecord => raw.get(recordKey(name)) ?? {};
  return (await edgesAmong(session, edges, members)).map((edge) => ({
    ...edge,
    evidence: evidenceWithValues(edge.evidence, valuesOf(edge.left), valuesOf(edge.right)),
  }));
}

function splitOf(members: readonly RecordName[], edges: readonly ClusterEdge[]): ClusterSplit {
  const number = new Map(members.map((name, i) => [recordKey(name), i]));
  const of = (name: RecordName): number => number.get(recordKey(name))!;
  const holdingOnes = edges.filter(({ weight }) => weight > 0);
  const cut = new Set(
    cheapestCut({
      size: members.length,
      a: holdingOnes.map(({ left }) => of(left)),
      b: holdingOnes.map(({ right }) => of(right)),
      weight: holdingOnes.map(({ weight }) => weight),
    }),
  );
  const isSmaller = cut.size * 2 <= members.length;
  const across = edges.filter(({ left, right }) => cut.has(of(left)) !== cut.has(of(right)));
  const holding = across.filter(({ weight }) => weight > 0);
  const parting = across.filter(({ weight }) => weight <= 0);
  return {
    records: members.filter((_, i) => cut.has(i) === isSmaller),
    holding,
    parting,
    holdingWeight: sum(holding),
    partingWeight: sum(parting),
  };
}

function sum(edges: readonly ClusterEdge[]): number {
  return edges.reduce((total, { weight }) => total + weight, 0);
}

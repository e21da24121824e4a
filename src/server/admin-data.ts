import type { Value } from "../engine/index.ts";
import type { IdentityReport } from "../identity/index.ts";
import type { ModelStatus } from "../run/index.ts";

/** Where the admin API gets its answers: what `onecopy serve` puts together from the rooms that know. */
export interface AdminData {
  overview(): Promise<Overview>;
  peopleReport(): Promise<PeopleReport>;
  /** The people whose name, e-mail, … hold the text; at most `limit`. */
  searchProfiles(text: string, limit: number): Promise<readonly ProfileSummary[]>;
  /** undefined when there is no such profile. */
  profile(profileId: string): Promise<ProfileDetail | undefined>;
}

/** A project at a glance. */
export interface Overview {
  readonly name: string;
  readonly revision: number;
  /** The lake's URL. */
  readonly lake: string;
  readonly sources: readonly {
    readonly name: string;
    readonly kind: "files" | "mount";
    readonly location: string;
    readonly records: number;
    readonly tags: Readonly<Record<string, string>>;
  }[];
  readonly people: { readonly profiles: number; readonly records: number };
  readonly tables: readonly {
    readonly name: string;
    readonly version: number;
    readonly rows: number;
    readonly sizeBytes: number;
    readonly files: number;
  }[];
  readonly segments: readonly {
    readonly name: string;
    readonly description: string;
    readonly people: number;
  }[];
  readonly syncs: readonly {
    readonly name: string;
    readonly segment: string;
    readonly destination: string;
    readonly lastDelivery: {
      readonly at: string;
      readonly added: number;
      readonly changed: number;
      readonly removed: number;
    } | null;
  }[];
  readonly shares: readonly {
    readonly name: string;
    readonly tables: readonly string[];
    readonly recipients: readonly string[];
  }[];
  /** The three questions, answered by measurement. */
  readonly answers: readonly {
    readonly question: string;
    readonly answer: string;
    readonly details: readonly string[];
  }[];
  /** What the demo measured against its known truth. */
  readonly demo: { readonly f1: number; readonly baselineF1: number } | null;
}

/** How the people came about; `out_of_date`: a source changed since, so the next run has to be before it can be told. */
export type PeopleReport =
  | { readonly state: "nothing_yet" | "out_of_date" }
  | {
      readonly state: "made";
      readonly resolvedAt: string;
      readonly model: ModelStatus | null;
      readonly report: IdentityReport;
    };

export interface ProfileSummary {
  readonly profileId: string;
  readonly name: string | null;
  readonly email: string | null;
  readonly city: string | null;
  readonly records: number;
}

/** One person: the merged row, the records it was made from, and why they are one. */
export interface ProfileDetail {
  readonly profileId: string;
  readonly merged: Readonly<Record<string, Value>>;
  readonly attributes: Readonly<Record<string, Value>>;
  readonly records: readonly (RecordName & { readonly values: Readonly<Record<string, Value>> })[];
  readonly links: readonly {
    readonly left: RecordName;
    readonly right: RecordName;
    readonly probability: number;
    readonly weight: number;
    readonly evidence: readonly {
      readonly comparison: string;
      readonly level: string;
      readonly left: Value;
      readonly right: Value;
      readonly weight: number;
    }[];
  }[];
}

interface RecordName {
  readonly source: string;
  readonly recordId: string;
}

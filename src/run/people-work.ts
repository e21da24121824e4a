import { OneCopyError } from "../base/index.ts";
import {
  LINKS,
  type IncrementOptions,
  type Movement,
  type StewardLink,
  mostMoved,
  readLinks,
  stewardLinks,
} from "../identity/index.ts";
import type { Snapshot } from "../table/index.ts";
import type { RunContext } from "./context.ts";
import { type Derivation, type Derived, staleness } from "./derive.ts";
import type { StoredModel } from "./people-model.ts";
import { linksInput, peopleDerivation } from "./people-rule.ts";
import type { PreparedSource } from "./prepared-source.ts";
import type { PreviousRelations } from "./previous-people.ts";
import type { Touched } from "./step.ts";

/** What a run did about the people's model. */
export interface ModelOutcome {
  readonly kind: "kept" | "trained";
  readonly version: number;
  readonly why: string;
}

export interface FoundPeople {
  readonly profiles: number;
  readonly sharedValues: number;
  readonly contradictedLinks: readonly StewardLink[];
  /** Present where only what changed was resolved. */
  readonly touched?: Touched;
}

/** How people were written, and what is known of them. */
export interface MadePeople {
  readonly written: Derived;
  readonly model: ModelOutcome;
  readonly movement: Movement | undefined;
  readonly found: FoundPeople;
  /** Relations (source, record_id, profile_id) between which nothing but what changed lies; for the feed. */
  readonly before?: string | undefined;
  readonly after?: string;
}

/** What one attempt works with. */
export interface PeopleWork {
  readonly context: RunContext;
  readonly sources: readonly PreparedSource[];
  /** By the model that there is. */
  readonly derivation: Omit<Derivation, "query">;
  readonly judged: Snapshot | undefined;
  readonly previous: PreviousRelations | undefined;
  readonly why: string;
}

/** What holds whether all records are resolved or those that changed. */
export async function optionsOf({
  catalog,
  session,
  clock,
  signal,
  revision,
}: RunContext): Promise<IncrementOptions> {
  const { trusted, separate, matching } = revision.config.identity;
  return {
    now: clock.now(),
    links: stewardLinks(await readLinks({ catalog, session })),
    trusted,
    separate,
    matching,
    ...(signal === undefined ? {} : { signal }),
  };
}

/** Refuses to move more records than the configuration allows, unless a steward's links ask for it: `run.identity_would_move`. */
export async function refuseMovement(
  work: PeopleWork,
  model: StoredModel | undefined,
  { moved, of, jitter }: Movement,
  whyTrained: string | undefined,
): Promise<void> {
  const { acceptsIdentityChanges, revision } = work.context;
  const limit = mostMoved(revision.config.identity);
  if (acceptsIdentityChanges || jitter <= limit || (await onlyLinksChanged(work, model))) return;
  throw new OneCopyError(
    "run.identity_would_move",
    `${moved} of the ${of} records that were there before (${percent(jitter)}) would move to another profile; identity.most_moved allows ${percent(limit)}.${whyTrained === undefined ? "" : ` The model was trained anew: ${whyTrained}.`} Nothing about people was changed.`,
    {
      remedy:
        "Look at what changed in the sources and the configuration. If the movement is wanted: `onecopy run --accept-identity-changes`.",
    },
  );
}

/** Such as `2.35%`. */
export function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))}%`;
}

/** What a steward decided since, and nothing else, was asked for. */
async function onlyLinksChanged(
  { context, sources, judged }: PeopleWork,
  model: StoredModel | undefined,
): Promise<boolean> {
  const made = judged?.provenance;
  const links = await linksInput(context.catalog);
  if (made === undefined || links === undefined) return false;
  const version = made.inputs[LINKS];
  const before = version === undefined ? undefined : { ...links, version };
  return staleness(peopleDerivation(context, sources, before, model?.input), made) === undefined;
}

import type { Share, Sync } from "../api/shape.ts";
import { formatAge, formatCount, formatCountOf } from "../look/format.ts";
import { Node } from "./Node.tsx";
import { ProfileFile } from "./ProfileFile.tsx";
import { FirstOf, NoNode, Stage } from "./Stage.tsx";

interface OutletsProps {
  readonly nowMs: number;
  readonly syncs: readonly Sync[];
  readonly shares: readonly Share[];
}

const shownOutlets = 6;

/** Where the data are used: syncs deliver a segment, shares are read in place. */
export function Outlets({ syncs, shares, nowMs }: OutletsProps) {
  return (
    <Stage
      name="outlets"
      title="Shares and syncs"
      figure={formatCount(shares.length + syncs.length)}
      note={`${formatCountOf(shares.length, "share")}, ${formatCountOf(syncs.length, "sync")}`}
    >
      {syncs.length + shares.length === 0 && <NoNode>No share and no sync is declared.</NoNode>}
      <FirstOf
        limit={shownOutlets}
        nodes={[
          ...syncs.map((sync) => (
            <Node
              key={`sync:${sync.name}`}
              id={`sync:${sync.name}`}
              title={sync.name}
              figure="sync"
              note={<SyncNote sync={sync} nowMs={nowMs} />}
            />
          )),
          ...shares.map((share) => (
            <Node
              key={`share:${share.name}`}
              id={`share:${share.name}`}
              title={share.name}
              figure="share"
              note={<ShareNote share={share} />}
            />
          )),
        ]}
      />
    </Stage>
  );
}

/** So many recipients get their profile file here; of more, `onecopy recipient profile` makes them. */
const shownRecipients = 3;

function ShareNote({ share: { tables, recipients } }: { readonly share: Share }) {
  return (
    <>
      {formatCountOf(tables.length, "table")}, read in place by{" "}
      {formatCountOf(recipients.length, "recipient")}
      {recipients.slice(0, shownRecipients).map((recipient) => (
        <span key={recipient} style={{ display: "block" }}>
          <ProfileFile recipient={recipient} />
        </span>
      ))}
    </>
  );
}

function SyncNote({ sync, nowMs }: { readonly sync: Sync; readonly nowMs: number }) {
  const { segment, destination, lastDelivery } = sync;
  const way = `${segment} to ${destination}`;
  if (lastDelivery === null) return `${way}: nothing delivered yet`;
  const { at, added, changed, removed } = lastDelivery;
  const counts = [
    ["added", added],
    ["changed", changed],
    ["removed", removed],
  ] as const;
  const difference = counts.flatMap(([what, count]) => (count > 0 ? [`${formatCount(count)} ${what}`] : []));
  return (
    <>
      {way}: {difference.length === 0 ? "no difference" : difference.join(", ")},{" "}
      <time dateTime={at} title={at}>
        {formatAge(at, nowMs)}
      </time>
    </>
  );
}

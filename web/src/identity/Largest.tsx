import type { LargeProfile } from "../api/shape.ts";
import { formatCount } from "../look/format.ts";
import { PlaceLink } from "../look/PlaceLink.tsx";
import { Section } from "../look/Section.tsx";
import { Table } from "../look/Table.tsx";

/** Where to look first: people with many records, or several people in one. */
export function Largest({ profiles }: { readonly profiles: readonly LargeProfile[] }) {
  return (
    <Section
      id="largest"
      title="The largest profiles"
      lead="Many records are a busy customer, or several people that were mixed up. Open one to see its records side by side, and what holds them together."
    >
      <Table
        label="The largest profiles"
        rows={profiles}
        keyOf={({ profileId }) => profileId}
        columns={[
          {
            title: "Profile",
            cell: ({ profileId }) => (
              <PlaceLink to={{ profile: profileId }}>
                <span className="mono">{profileId}</span>
              </PlaceLink>
            ),
          },
          { title: "Records", number: true, cell: ({ records }) => formatCount(records) },
          { title: "From sources", number: true, cell: ({ sources }) => formatCount(sources) },
        ]}
      />
    </Section>
  );
}

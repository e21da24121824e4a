import type { Unlinkable as Figures } from "../api/shape.ts";
import { formatCount, formatCountOf } from "../look/format.ts";
import { Section } from "../look/Section.tsx";
import { Table } from "../look/Table.tsx";
import { wordsOf } from "../people/name.ts";

/** Records that nothing can be linked to: where the sources would have to say more. */
export function Unlinkable({ unlinkable: { records, of, patterns } }: { readonly unlinkable: Figures }) {
  return (
    <Section
      id="unlinkable"
      title="Records that say too little"
      lead={
        records === 0
          ? `Of ${formatCountOf(of, "record")} each says enough to be put together with another one.`
          : `${formatCount(records)} of ${formatCountOf(of, "record")}: not even a record that says the very same would be taken for the same person. They are profiles of their own until a source says more of them.`
      }
    >
      {patterns.length > 0 && (
        <Table
          label="What records that say too little have"
          rows={patterns}
          keyOf={({ fields }) => fields.join()}
          columns={[
            {
              title: "All that is filled in",
              cell: ({ fields }) => (fields.length === 0 ? "nothing" : fields.map(wordsOf).join(", ")),
            },
            { title: "Records", number: true, cell: (pattern) => formatCount(pattern.records) },
          ]}
        />
      )}
    </Section>
  );
}

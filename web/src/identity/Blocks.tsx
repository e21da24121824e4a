import { useState } from "react";
import { Button } from "@mantine/core";
import type { Block } from "../api/shape.ts";
import { capitalised, formatCount, formatCountOf } from "../look/format.ts";
import { Section } from "../look/Section.tsx";
import { Table } from "../look/Table.tsx";
import style from "./Blocks.module.css";

interface BlocksProps {
  readonly blocks: readonly Block[];
  readonly records: number;
}

const shownAtFirst = 12;

/** Which records were compared at all, and what that cost. */
export function Blocks({ blocks, records }: BlocksProps) {
  const [isWhole, setIsWhole] = useState(false);
  const used = blocks
    .filter(({ pairs, skippedRecords }) => pairs > 0 || skippedRecords > 0)
    .toSorted((a, b) => b.pairs - a.pairs);
  const proposed = used.reduce((sum, { pairs }) => sum + pairs, 0);
  const most = Math.max(1, ...used.map(({ pairs }) => pairs));
  return (
    <Section
      id="compared"
      title="What was compared"
      lead={`${formatCountOf(records, "record")} are ${formatCountOf((records * (records - 1)) / 2, "pair")}. Only those were compared whose records share one of these: ${formatCountOf(proposed, "pair")}. What too many records share says little and costs much, so it counts only with something more, or is left out.`}
    >
      {used.length > 0 && (
        <Table
          label="What records had to share to be compared"
          rows={isWhole ? used : used.slice(0, shownAtFirst)}
          keyOf={({ key }) => key}
          columns={[
            { title: "Records that share", cell: ({ key }) => capitalised(key) },
            {
              title: "Pairs",
              number: true,
              cell: ({ pairs }) => (
                <span className={style.pairs}>
                  <span className={style.track} aria-hidden="true">
                    <span style={{ width: `${(pairs / most) * 100}%` }} />
                  </span>
                  {formatCount(pairs)}
                </span>
              ),
            },
            {
              title: "Values too common",
              number: true,
              cell: ({ refinedValues }) => formatCount(refinedValues),
            },
            {
              title: "Records left out",
              number: true,
              cell: ({ skippedRecords }) => formatCount(skippedRecords),
            },
          ]}
        />
      )}
      {!isWhole && used.length > shownAtFirst && (
        <Button size="xs" variant="default" mt="sm" onClick={() => setIsWhole(true)}>
          Show {formatCount(used.length - shownAtFirst)} more
        </Button>
      )}
    </Section>
  );
}

import { useState, type ReactNode } from "react";
import { Button } from "@mantine/core";
import type { Link, RecordKey, SourceRecord } from "../api/shape.ts";
import { Code } from "../look/Code.tsx";
import { formatCount, formatCountOf, formatWeight } from "../look/format.ts";
import { Waterfall } from "./Waterfall.tsx";
import style from "./Why.module.css";

interface WhyProps {
  readonly records: readonly SourceRecord[];
  readonly links: readonly Link[];
}

const linksAtOnce = 10;

/**
 * Why the records are one person: the strongest links that hold them together, one fewer than there are records, each
 * with its evidence. Records that say the very same as another need no reasons, so they come last, folded.
 */
export function Why({ records, links }: WhyProps) {
  const reasoned = links.filter((link) => !isRepetition(link));
  const repetitions = links.filter(isRepetition);
  return (
    <section aria-labelledby="why-title">
      <h4 id="why-title" className={style.title}>
        Why they are one person
      </h4>
      <p className={style.lead}>{leadOf(records.length, links.length)}</p>
      {reasoned.length > 0 && <Links links={reasoned} openFirst />}
      {repetitions.length > 0 && (
        <details className={style.repetitions} open={reasoned.length === 0}>
          <summary>
            {formatCountOf(repetitions.length, "record says", "records say")} the very same as another one
          </summary>
          <Links links={repetitions} />
        </details>
      )}
    </section>
  );
}

/** Whether one of the two records says the very same as the other, so that nothing had to be weighed. */
function isRepetition({ evidence }: Link): boolean {
  return evidence.length > 0 && evidence.every(({ comparison }) => comparison === "record");
}

function Links({
  links,
  openFirst = false,
}: {
  readonly links: readonly Link[];
  readonly openFirst?: boolean;
}) {
  const [shown, setShown] = useState(linksAtOnce);
  const hidden = links.length - shown;
  return (
    <>
      <ol className={style.links}>
        {links.slice(0, shown).map((link, index) => (
          <li key={JSON.stringify([link.left, link.right])}>
            <LinkDetails link={link} open={openFirst && index === 0} />
          </li>
        ))}
      </ol>
      {hidden > 0 && (
        <Button size="xs" variant="default" mt="sm" onClick={() => setShown(shown + linksAtOnce)}>
          Show {formatCount(Math.min(hidden, linksAtOnce))} of {formatCountOf(hidden, "more link")}
        </Button>
      )}
    </>
  );
}

function leadOf(records: number, links: number): ReactNode {
  if (records === 1) return "There is one record only: no other was found to be the same person.";
  if (links === 0) {
    return (
      <>
        The lake holds no link between these records. <Code>onecopy run</Code> resolves them anew.
      </>
    );
  }
  return `${formatCountOf(records, "record")} are held together by ${formatCountOf(links, "link")}. A weight of +1 makes it twice as likely that two records are one person, −1 half as likely.`;
}

function LinkDetails({ link, open }: { readonly link: Link; readonly open: boolean }) {
  return (
    <details className={style.link} open={open}>
      <summary>
        <span className={style.pair}>
          <RecordName record={link.left} />
          <span className={style.tie} aria-label="and" role="img" />
          <RecordName record={link.right} />
        </span>
        <span className={style.weight}>
          <span className="unseen">weight </span>
          {formatWeight(link.weight)}
        </span>
      </summary>
      <Waterfall link={link} />
    </details>
  );
}

function RecordName({ record }: { readonly record: RecordKey }) {
  return (
    <span className={style.record}>
      {record.source} <span className="mono">{record.recordId}</span>
    </span>
  );
}

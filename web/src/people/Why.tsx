import { useState } from "react";
import { Button } from "@mantine/core";
import type { Link, RecordKey, SourceRecord } from "../api/shape.ts";
import { formatCount, formatCountOf, formatWeight } from "../look/format.ts";
import { keyOf, reasonsOf } from "./tree.ts";
import { Waterfall } from "./Waterfall.tsx";
import style from "./Why.module.css";

interface WhyProps {
  readonly records: readonly SourceRecord[];
  readonly links: readonly Link[];
}

const linksAtOnce = 20;

/** Why the records are one person: the links that hold them together, each with its evidence. */
export function Why({ records, links }: WhyProps) {
  const { holding, further, groups } = reasonsOf(records, links);
  return (
    <section aria-labelledby="why-title">
      <h4 id="why-title" className={style.title}>
        Why they are one person
      </h4>
      <p className={style.lead}>{leadOf(records.length, holding.length, groups)}</p>
      {holding.length > 0 && <Links links={holding} openFirst />}
      {further.length > 0 && (
        <details className={style.further}>
          <summary>{formatCountOf(further.length, "further link")} between the same records</summary>
          <Links links={further} />
        </details>
      )}
    </section>
  );
}

function leadOf(records: number, holding: number, groups: number): string {
  if (records === 1) return "There is one record only: no other was found to be the same person.";
  if (holding === 0)
    return "The lake holds no link between these records. Run onecopy run to resolve them anew.";
  const held = `${formatCountOf(records, "record")} are held together by ${formatCountOf(holding, "link")}. `;
  const rest =
    groups > 1 ? `${formatCountOf(groups - 1, "record")} without a link of its own came with another. ` : "";
  return `${held}${rest}A weight of +1 makes it twice as likely that two records are one person, −1 half as likely.`;
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
          <li key={`${keyOf(link.left)} ${keyOf(link.right)}`}>
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

import { formatAttribute } from "../look/format.ts";
import { wordsOf } from "./name.ts";
import style from "./Attributes.module.css";

/** What is known of the person beyond the records: orders, revenue, dates. */
export function Attributes({ values }: { readonly values: Readonly<Record<string, unknown>> }) {
  const known = Object.entries(values).flatMap(([name, value]) => {
    const text = formatAttribute(value);
    return text === undefined || name === "profile_id" ? [] : [{ name, text }];
  });
  if (known.length === 0) return null;
  return (
    <dl className={style.attributes} aria-label="Attributes">
      {known.map(({ name, text }) => (
        <div key={name}>
          <dt>{wordsOf(name)}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}

import type { ReactNode } from "react";
import style from "./Code.module.css";

/** A command or a key, as one types it. */
export function Code({ children }: { readonly children: ReactNode }) {
  return <code className={style.code}>{children}</code>;
}

/** Commands in the order in which to type them. */
export function Commands({ lines }: { readonly lines: readonly string[] }) {
  return (
    <pre className={style.block}>
      {lines.map((line) => (
        <code key={line} className={style.line}>
          {line}
        </code>
      ))}
    </pre>
  );
}

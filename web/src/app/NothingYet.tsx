import type { Overview } from "../api/shape.ts";
import { Code, Commands } from "../look/Code.tsx";
import { Notice } from "../look/Notice.tsx";
import style from "./NothingYet.module.css";

/** An empty lake: what to type to fill it. */
export function NothingYet({ overview }: { readonly overview: Overview }) {
  const configured = overview.sources.length > 0;
  return (
    <div className={style.place}>
      <Notice title="The lake is empty: nothing has run yet.">
        {configured ? (
          <p>
            The sources below are declared, but no record of them has been read. Bring everything up to date:
          </p>
        ) : (
          <p>
            No source is declared. Write one into <Code>onecopy.yaml</Code> (<Code>sources:</Code>), store it
            as a revision, and bring everything up to date:
          </p>
        )}
        <Commands lines={configured ? ["onecopy run"] : ["onecopy apply", "onecopy run"]} />
        <p>This page fills by itself as the run goes on.</p>
      </Notice>
    </div>
  );
}

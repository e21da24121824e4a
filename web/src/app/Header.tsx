import type { Overview } from "../api/shape.ts";
import { PlaceLink } from "../look/PlaceLink.tsx";
import { Mark } from "../look/Mark.tsx";
import style from "./Header.module.css";

interface HeaderProps {
  readonly page: "home" | "identity";
  readonly overview: Overview | undefined;
  readonly updatedAtMs: number;
  readonly error: Error | null;
}

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

export function Header({ page, overview, updatedAtMs, error }: HeaderProps) {
  return (
    <header className={style.header}>
      <div className={style.brand}>
        <Mark sizePx={28} />
        <h1 className={style.name}>OneCopy</h1>
        {overview !== undefined && <span className={style.project}>{overview.name}</span>}
      </div>
      <nav className={style.pages} aria-label="Pages">
        <PlaceLink to={{}} current={page === "home"}>
          Overview
        </PlaceLink>
        <PlaceLink to={{ page: "identity" }} current={page === "identity"}>
          Identity
        </PlaceLink>
      </nav>
      {overview !== undefined && (
        <dl className={style.facts}>
          <div className={style.lake}>
            <dt>Lake</dt>
            <dd className="mono" title={overview.lake}>
              {overview.lake}
            </dd>
          </div>
          {overview.revision !== null && (
            <div>
              <dt>Revision</dt>
              <dd className="mono">{overview.revision}</dd>
            </div>
          )}
          <Freshness updatedAtMs={updatedAtMs} error={error} />
        </dl>
      )}
    </header>
  );
}

/** Whether the figures are live; only a change between live and lost is announced, not every refresh. */
function Freshness({ updatedAtMs, error }: { readonly updatedAtMs: number; readonly error: Error | null }) {
  const at = clock.format(updatedAtMs);
  return (
    <div className={style.freshness} data-lost={error !== null}>
      <dt className={style.light}>
        <span className="unseen">Figures</span>
      </dt>
      <dd>
        <span role="status">{error === null ? "Live" : `${error.message} Trying again.`}</span>{" "}
        <span className={`figure ${style.at}`}>{error === null ? at : `Figures of ${at}.`}</span>
      </dd>
    </div>
  );
}

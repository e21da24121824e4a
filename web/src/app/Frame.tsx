import { type ReactNode, useEffect, useRef } from "react";
import { wentByHand } from "../api/address.ts";
import { useOverview } from "../api/queries.ts";
import { Header } from "./Header.tsx";
import style from "./Frame.module.css";

interface FrameProps {
  readonly page: "home" | "identity";
  /** The id of what a keyboard user wants to get to at once, and what the link there says. */
  readonly skipTo: readonly [id: string, text: string];
  readonly children: ReactNode;
}

/** What every page has: its header, with the figures' freshness, and its footer. */
export function Frame({ page, skipTo: [id, text], children }: FrameProps) {
  const overview = useOverview();
  const main = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!wentByHand()) return;
    scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, []);
  return (
    <div className={style.page}>
      <a className={style.skip} href={`#${id}`}>
        {text}
      </a>
      <Header
        page={page}
        overview={overview.data}
        updatedAtMs={overview.dataUpdatedAt}
        error={overview.error}
      />
      <main className={style.main} tabIndex={-1} ref={main}>
        {children}
      </main>
      <footer className={style.footer}>There is no zero copy. There is one copy: yours.</footer>
    </div>
  );
}

import type { MouseEvent, ReactNode } from "react";
import { addressOf, goTo, type Place } from "../api/address.ts";

interface PlaceLinkProps {
  readonly to: Place;
  readonly current?: boolean;
  readonly children: ReactNode;
}

/** A link within the page: a plain click changes what is shown, any other is the browser's. */
export function PlaceLink({ to, current = false, children }: PlaceLinkProps) {
  const follow = (event: MouseEvent): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    goTo(to);
  };
  return (
    <a href={addressOf(to)} aria-current={current ? "page" : undefined} onClick={follow}>
      {children}
    </a>
  );
}

import { useSyncExternalStore } from "react";

/**
 * What is open stands in the page's address, so that the browser's back button and a bookmark work. Ids and names of pages are no
 * personal values; what was searched for is, and never gets there.
 */
export type Place = { readonly profile?: string; readonly page?: "identity" };

const changed = "onecopy:address";
/** Of an entry of the history: somebody went there by hand, and is to be taken to it. */
const byHand = { byHand: true };

/** The address of a place, relative to the page's own. */
export function addressOf(place: Place): string {
  const query = new URLSearchParams(place).toString();
  return query === "" ? location.pathname : `?${query}`;
}

export function goTo(place: Place): void {
  const address = addressOf(place);
  if (new URL(address, location.href).search === location.search) return;
  history.pushState(byHand, "", address);
  dispatchEvent(new Event(changed));
}

export function wentByHand(): boolean {
  return (history.state as Partial<typeof byHand> | null)?.byHand === true;
}

export function useParameter(name: keyof Place): string | null {
  return useSyncExternalStore(
    (listener) => {
      addEventListener("popstate", listener);
      addEventListener(changed, listener);
      return () => {
        removeEventListener("popstate", listener);
        removeEventListener(changed, listener);
      };
    },
    () => new URLSearchParams(location.search).get(name),
  );
}

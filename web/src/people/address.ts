import { useSyncExternalStore } from "react";

/**
 * The open profile stands in the page's address (`?profile=ID`), so that the browser's back button and a bookmark
 * work. An id is no personal value; what was searched for is, and never gets there.
 */
const parameter = "profile";
const changed = "onecopy:profile";

function profileInAddress(): string | null {
  return new URLSearchParams(location.search).get(parameter);
}

export function openProfile(profileId: string | null): void {
  if (profileId === profileInAddress()) return;
  const parameters = new URLSearchParams(location.search);
  if (profileId === null) parameters.delete(parameter);
  else parameters.set(parameter, profileId);
  const query = parameters.toString();
  history.pushState(null, "", location.pathname + (query === "" ? "" : `?${query}`));
  dispatchEvent(new Event(changed));
}

export function useOpenProfile(): string | null {
  return useSyncExternalStore((listener) => {
    addEventListener("popstate", listener);
    addEventListener(changed, listener);
    return () => {
      removeEventListener("popstate", listener);
      removeEventListener(changed, listener);
    };
  }, profileInAddress);
}

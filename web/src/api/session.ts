import { useSyncExternalStore } from "react";

/** Whether this tab may ask: it has a token, never had one, or the server refused the one it had. */
export type Session = { kind: "token"; token: string } | { kind: "missing" } | { kind: "refused" };

const storageKey = "onecopy.token";
const listeners = new Set<() => void>();

/**
 * Takes the token out of the address (`#token=…`) before anything else runs, so that it neither stays in the
 * history nor on a shared screen; the tab's session storage keeps it over a reload.
 */
function takeToken(): Session {
  const fragment = new URLSearchParams(location.hash.replace(/^#/, ""));
  const given = fragment.get("token");
  if (given !== null) {
    fragment.delete("token");
    const rest = fragment.toString();
    history.replaceState(null, "", location.pathname + location.search + (rest === "" ? "" : `#${rest}`));
    if (given !== "") sessionStorage.setItem(storageKey, given);
  }
  const token = sessionStorage.getItem(storageKey);
  return token === null ? { kind: "missing" } : { kind: "token", token };
}

let session: Session = takeToken();

function change(next: Session): void {
  session = next;
  for (const listener of listeners) listener();
}

// A new address pasted into an open tab changes only the fragment.
addEventListener("hashchange", () => {
  if (location.hash.includes("token=")) change(takeToken());
});

export function currentSession(): Session {
  return session;
}

/** Forgets `token` after the server refused it; a newer token that arrived meanwhile stays. */
export function refuseToken(token: string): void {
  if (session.kind !== "token" || session.token !== token) return;
  sessionStorage.removeItem(storageKey);
  change({ kind: "refused" });
}

export function useSession(): Session {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, currentSession);
}

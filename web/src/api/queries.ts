import { keepPreviousData, QueryClient, useQuery } from "@tanstack/react-query";
import { ask, RequestError } from "./request.ts";
import { overviewShape, peopleReportShape, profileShape, searchShape } from "./shape.ts";

/** How often the figures are asked for while the page is visible. */
const refreshMs = 4000;
/** How many profiles a search shows. */
export const searchLimit = 20;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // A server on this machine answers without a network, so the browser's "offline" decides nothing.
      networkMode: "always",
      retry: (failures, error) => isOffline(error) && failures < 1,
      retryDelay: 700,
      refetchOnWindowFocus: true,
    },
  },
});

function isOffline(error: unknown): boolean {
  return error instanceof RequestError && error.kind === "offline";
}

export function useOverview() {
  return useQuery({
    queryKey: ["overview"],
    queryFn: ({ signal }) => ask("api/overview", overviewShape, signal),
    refetchInterval: refreshMs,
  });
}

/** How the people came about. It changes with a run, and costs the server something to make. */
export function usePeopleReport() {
  return useQuery({
    queryKey: ["people-report"],
    queryFn: ({ signal }) => ask("api/people-report", peopleReportShape, signal),
    refetchInterval: ({ state }) =>
      state.data?.state === "made" && !isOffline(state.error) ? refreshMs * 8 : refreshMs,
  });
}

/** Profiles whose name or e-mail match `text`; an empty text gives the first ones as examples. */
export function useSearch(text: string) {
  return useQuery({
    queryKey: ["search", text],
    queryFn: ({ signal }) => {
      const parameters = new URLSearchParams({ q: text, limit: String(searchLimit) });
      return ask(`api/profiles?${parameters.toString()}`, searchShape, signal);
    },
    placeholderData: keepPreviousData,
    staleTime: refreshMs,
    refetchInterval: ({ state }) => isOffline(state.error) && refreshMs,
  });
}

export function useProfile(profileId: string) {
  return useQuery({
    queryKey: ["profile", profileId],
    queryFn: ({ signal }) => ask(`api/profiles/${encodeURIComponent(profileId)}`, profileShape, signal),
    refetchInterval: ({ state }) => (isOffline(state.error) ? refreshMs : refreshMs * 4),
  });
}

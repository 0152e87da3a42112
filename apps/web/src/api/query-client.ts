/** How answers are kept: asked again every few seconds while the page is seen, and shown until something newer is known. */
import { QueryClient } from "@tanstack/react-query";

/** How often a list is asked for again while it is seen. */
export const listPollMs = 5_000;

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // Polling is the retry: a failure is shown at once, with what was known before.
        retry: false,
        staleTime: 2_000,
        // The control plane may be this very machine: the browser's idea of being online says nothing.
        networkMode: "always",
        refetchOnWindowFocus: true,
      },
      mutations: { retry: false, networkMode: "always" },
    },
  });
}

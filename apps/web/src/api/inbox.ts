/** The inbox: what awaits its owner over all projects, and how much that is. */
import { inboxCountSchema, inboxSchema } from "@sam/protocol/inbox-api";
import { useQuery } from "@tanstack/react-query";

import { apiPath } from "../path-builder.ts";
import { ask } from "./client.ts";
import { listPollMs } from "./query-client.ts";
import { taskKeys } from "./tasks.ts";

/** Below the tasks' own key: whatever is answered or said asks for them anew. */
export const inboxKeys = {
  all: [...taskKeys.all, "inbox"] as const,
  list: [...taskKeys.all, "inbox", "list"] as const,
  count: [...taskKeys.all, "inbox", "count"] as const,
};

/** Oldest first. @param inBackground whether it is asked for also while the page is hidden. */
export function useInbox(inBackground = false) {
  return useQuery({
    queryKey: inboxKeys.list,
    queryFn: ({ signal }) => ask({ path: apiPath.inbox, answer: inboxSchema, signal }),
    refetchInterval: listPollMs,
    refetchIntervalInBackground: inBackground,
  });
}

/** For what is on every page: asked for also while the page is hidden, since that is when it matters. */
export function useInboxCount(isWanted = true) {
  return useQuery({
    queryKey: inboxKeys.count,
    queryFn: ({ signal }) => ask({ path: apiPath.inboxCount, answer: inboxCountSchema, signal }),
    refetchInterval: listPollMs,
    refetchIntervalInBackground: true,
    enabled: isWanted,
  });
}

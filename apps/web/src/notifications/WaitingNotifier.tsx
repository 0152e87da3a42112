/**
 * While a page of SAM is open and its browser was told that it may: a notification for each task that begins to await you,
 * where you are looking at something else. What waited before the page was opened is not told anew.
 */
import type { InboxItem } from "@sam/protocol/inbox-api";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef } from "react";

import { useInbox } from "../api/inbox.ts";
import { pathTo } from "../path-builder.ts";
import { noticeWords, waitKey } from "./notice-words.ts";
import { useNotificationState } from "./notification-permission.ts";
import { knownWorker } from "./this-browser.ts";
import { useIsNotifying } from "./wanted.ts";

const keptKeys = 1_000;

export function WaitingNotifier(): ReactNode {
  const isGranted = useNotificationState() === "granted";
  const isWanted = useIsNotifying();
  return isGranted && isWanted ? <Watching /> : null;
}

function Watching(): ReactNode {
  const { data } = useInbox(true);
  const known = useRef<ReadonlySet<string> | null>(null);
  const navigate = useNavigate();
  useEffect(() => {
    if (data === undefined) return;
    const before = known.current;
    // What was told once is not told again, though a list in between may have been without it.
    known.current = new Set([...(before ?? []), ...data.items.map(waitKey)].slice(-keptKeys));
    if (before === null || isLookedAt()) return;
    for (const item of data.items) {
      if (!before.has(waitKey(item))) void notify(item, () => void navigate(pathTo.task(item.task.taskId)));
    }
  }, [data, navigate]);
  return null;
}

function isLookedAt(): boolean {
  return !document.hidden && document.hasFocus();
}

/** By the service worker where there is one, since some browsers allow no other way; the same tag makes it one. */
async function notify(item: InboxItem, onOpen: () => void): Promise<void> {
  const { taskId } = item.task;
  const { title, body } = noticeWords(item);
  const options = { body, icon: "/icon.svg", tag: `sam-${taskId}`, data: { taskId } };
  const worker = await knownWorker();
  if (worker !== null) {
    await worker.showNotification(title, options);
    return;
  }
  const notification = new Notification(title, options);
  notification.addEventListener("click", () => {
    window.focus();
    onOpen();
    notification.close();
  });
}

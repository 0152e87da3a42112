/** The tab of a task says its state, in its title and its icon. */
import { plainLine } from "@sam/domain/plain-text";
import type { TaskView } from "@sam/protocol/task-api";

import type { LinkState } from "../../conversation/live-link.ts";
import { useTitle } from "../../layout/title.ts";
import type { Meaning } from "../../status/meaning.ts";
import { useFavicon } from "../../task/favicon.ts";
import { shownStatus } from "../../task/shown-status.ts";
import { useNow } from "../../time/clock.ts";

const marks: Readonly<Record<Meaning, string>> = { done: "✓", active: "◐", yours: "◆", failed: "✗", unknown: "?" };
const tickMs = 5_000;

export function useTaskTab(task: TaskView, link: LinkState): void {
  const now = useNow(tickMs);
  const { meaning, word } = shownStatus(task, link, now);
  useTitle(`${marks[meaning]} ${word}: ${plainLine(task.title)}`);
  useFavicon(meaning);
}

/** One row of the conversation. Its author chooses the frame, and the frame is all that is chosen by anyone. */
import { memo, type ReactNode } from "react";

import { authorOf } from "./author.ts";
import type { Row } from "./chain.ts";
import { AgentFrame } from "./frames.tsx";
import type { AgentItem, Item } from "./item.ts";
import { plainLine } from "./plain-text.ts";
import { PlanList } from "./PlanItem.tsx";
import { PromptItem } from "./PromptItem.tsx";
import { ProseText, ThoughtText } from "./ProseItem.tsx";
import { SamItem } from "./SamItem.tsx";
import { TaskBeginning } from "./TaskBeginning.tsx";
import { ToolLine } from "./ToolItem.tsx";

export interface RowViewProps {
  readonly row: Row;
  /** Who said it, where an agent did. */
  readonly agent: string;
  readonly isOwnTask: boolean;
  /** The row before is another author's. */
  readonly isFirst: boolean;
  /** More may come to it. */
  readonly isLast: boolean;
}

export const RowView = memo(function RowView({ row, agent, isOwnTask, isFirst, isLast }: RowViewProps): ReactNode {
  if (row.kind === "task") return <TaskBeginning task={row.task} isOwn={isOwnTask} />;
  const { item } = row;
  switch (item.kind) {
    case "prompt":
      return <PromptItem item={item} />;
    case "prose":
    case "thought":
    case "tool":
    case "plan":
    case "mode":
      return (
        <AgentFrame label={labelOf(item)} name={agent} isFirst={isFirst} seq={item.seq} at={item.at}>
          <AgentWords item={item} isLast={isLast} />
        </AgentFrame>
      );
    default:
      return <SamItem item={item} />;
  }
});

function AgentWords({ item, isLast }: { readonly item: AgentItem; readonly isLast: boolean }): ReactNode {
  switch (item.kind) {
    case "prose":
      return <ProseText text={item.text} isOpen={isLast} />;
    case "thought":
      return <ThoughtText item={item} />;
    case "tool":
      return <ToolLine callKey={item.key} call={item.call} />;
    case "plan":
      return <PlanList entries={item.entries} />;
    case "mode":
      return <p className="text-xs text-ink-quiet">It says that its mode is now “{plainLine(item.mode)}”.</p>;
  }
}

function labelOf(item: AgentItem): string {
  switch (item.kind) {
    case "prose":
      return "message";
    case "thought":
      return "thought";
    case "tool":
      return "tool call";
    case "plan":
      return "plan";
    case "mode":
      return "mode";
  }
}

/** A guess of a row's height until it is measured, in pixels. */
export function guessedHeight(row: Row | undefined): number {
  if (row === undefined || row.kind === "task") return 48;
  const { item } = row;
  switch (item.kind) {
    case "prose":
      return 32 + Math.ceil(item.text.length / 72) * 24;
    case "prompt":
      return 48 + Math.min(12, Math.ceil(item.text.length / 72)) * 24;
    case "plan":
      return 32 + item.entries.length * 24;
    case "verdicts":
      return 130;
    default:
      return 38;
  }
}

/** Rows of one author stand close together. */
export function gapBefore(item: Item, before: Item | null): "none" | "small" | "large" {
  if (before === null) return "large";
  const author = authorOf(item);
  if (author !== authorOf(before)) return "large";
  if (author === "sam") return "none";
  return item.kind === before.kind && (item.kind === "tool" || (item.kind === "prose" && item.continues))
    ? "none"
    : "small";
}

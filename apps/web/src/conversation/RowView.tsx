/** One row of the conversation. Its author chooses the frame, and the frame is all that is chosen by anyone. */
import { plainLine } from "@sam/domain/plain-text";
import { memo, type ReactNode } from "react";

import { authorOf } from "./author.ts";
import type { Row } from "./chain.ts";
import { AgentFrame, type Standing, StandingContext } from "./frames.tsx";
import type { AgentItem, Item } from "./item.ts";
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
  readonly standing: Standing;
  /** More may come to it. */
  readonly isLast: boolean;
}

export const RowView = memo(function RowView({ row, standing, ...rest }: RowViewProps): ReactNode {
  if (row.kind === "task") return <TaskBeginning task={row.task} isOwn={rest.isOwnTask} />;
  return (
    <StandingContext value={standing}>
      <ItemView item={row.item} {...rest} />
    </StandingContext>
  );
});

interface ItemViewProps extends Pick<RowViewProps, "agent" | "isLast"> {
  readonly item: Item;
}

function ItemView({ item, agent, isLast }: ItemViewProps): ReactNode {
  switch (item.kind) {
    case "prompt":
      return <PromptItem item={item} />;
    case "prose":
    case "thought":
    case "tool":
    case "plan":
    case "mode":
      return (
        <AgentFrame label={labelOf(item)} name={agent} seq={item.seq} at={item.at}>
          <AgentWords item={item} isLast={isLast} />
        </AgentFrame>
      );
    default:
      return <SamItem item={item} />;
  }
}

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

/** @returns how a row stands to the one before: things of one author stand together, and tools and pieces close. */
export function standingOf(row: Row, before: Row | null): Standing {
  if (row.kind !== "item" || before?.kind !== "item") return "first";
  const { item } = row;
  const author = authorOf(item);
  if (author !== authorOf(before.item) || author === "user") return "first";
  if (author === "sam") return "close";
  const isClose = item.kind === before.item.kind && (item.kind === "tool" || (item.kind === "prose" && item.continues));
  return isClose ? "close" : "apart";
}

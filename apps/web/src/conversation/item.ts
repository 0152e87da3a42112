/**
 * An item is one thing in a conversation as it is shown: a message, or what several messages tell of one thing. Its
 * author decides how it looks: an agent's words are only ever in the agent's items.
 */
import type { ToolKind } from "@sam/domain/permission-policy";
import type { Message } from "@sam/protocol/message";

import type { PlanEntry, ToolDiff } from "./agent-update.ts";

type Body<Kind extends Message["body"]["kind"]> = Extract<Message["body"], { kind: Kind }>;

interface Place {
  /** Stays the same while the item grows, and when older messages are put before it. */
  readonly key: string;
  /** Of its first and its newest message. */
  readonly seq: number;
  readonly lastSeq: number;
  readonly at: number;
}

/** `silent`: the turn ended and nobody said how the call did. */
export type CallOutcome = "running" | "completed" | "failed" | "silent";

export interface ToolCall {
  readonly toolCallId: string;
  readonly turn: number;
  readonly title: string;
  readonly toolKind: ToolKind;
  readonly outcome: CallOutcome;
  readonly startedAt: number;
  /** Null while it runs. */
  readonly endedAt: number | null;
  readonly output: string;
  readonly diffs: readonly ToolDiff[];
  readonly places: readonly string[];
  readonly input: string | null;
  readonly exitCode: number | null;
  /** As the agent measured it; null: as we saw it. */
  readonly durationMs: number | null;
}

export interface ProseItem extends Place {
  readonly kind: "prose" | "thought";
  readonly turn: number;
  readonly messageId: string | null;
  readonly text: string;
  /** Goes on from the item before: one long message in pieces. */
  readonly continues: boolean;
}

export type AgentItem =
  | ProseItem
  | (Place & { readonly kind: "tool"; readonly call: ToolCall })
  | (Place & { readonly kind: "plan"; readonly turn: number; readonly entries: readonly PlanEntry[] })
  | (Place & { readonly kind: "mode"; readonly mode: string });

export type UserItem = Place & { readonly kind: "prompt"; readonly turn: number; readonly text: string };

/** How a question was answered, and by whom. */
export interface Settlement {
  readonly optionId: string | null;
  readonly by: string;
  readonly at: number;
}

export type SamItem =
  | (Place & {
      readonly kind: "permission";
      readonly question: Body<"permission">;
      readonly settled: Settlement | null;
    })
  | (Place & { readonly kind: "settled"; readonly requestId: string; readonly settled: Settlement })
  | (Place & { readonly kind: "step"; readonly step: Body<"step"> })
  | (Place & { readonly kind: "note"; readonly text: string })
  | (Place & { readonly kind: "turn_ended"; readonly ended: Body<"turn_ended">; readonly planLeft: number })
  | (Place & { readonly kind: "diff"; readonly diff: Body<"diff">["diff"] })
  | (Place & { readonly kind: "verdicts"; readonly verdicts: Body<"verdicts">["verdicts"] })
  | (Place & { readonly kind: "receipt"; readonly entry: Body<"receipt">["entry"] })
  | (Place & { readonly kind: "failure"; readonly failure: Body<"failure"> })
  | (Place & { readonly kind: "unreadable"; readonly why: string })
  | (Place & { readonly kind: "gap"; readonly missing: number });

export type Item = AgentItem | UserItem | SamItem;

/** Of one thing only: its kind and place are the item's own. */
export type NewItem = Item extends infer Each ? (Each extends Item ? Omit<Each, "key"> : never) : never;

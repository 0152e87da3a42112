/** What can stand in a task's conversation. `author` is set by the control plane, so an agent cannot speak as SAM. */
import type { WorkDiff } from "./diff.ts";
import type { ModelCalls } from "./model-calls.ts";
import type { PermissionOption, ReceiptLine } from "./node-task.ts";
import type { ToolKind } from "./permission-policy.ts";
import type { TaskStep } from "./task-lifecycle.ts";
import type { TurnUsage } from "./usage.ts";
import type { Verdicts } from "./verdicts.ts";

export interface ReceiptEntry {
  readonly line: ReceiptLine;
  readonly at: number;
  readonly proof: string;
}

export type MessageBody =
  | { readonly kind: "prompt"; readonly turn: number; readonly text: string }
  | { readonly kind: "agent_update"; readonly turn: number; readonly update: Readonly<Record<string, unknown>> }
  | {
      readonly kind: "step";
      readonly from: TaskStep | null;
      readonly to: TaskStep;
      readonly text: string;
      /** How long the step before it took, in milliseconds. */
      readonly tookMs: number | null;
    }
  | { readonly kind: "note"; readonly text: string }
  | {
      readonly kind: "turn_ended";
      readonly turn: number;
      readonly stopReason: string;
      readonly detail: string | null;
      readonly usage: TurnUsage | null;
      readonly model: ModelCalls | null;
    }
  | {
      readonly kind: "permission";
      readonly requestId: string;
      readonly title: string;
      readonly detail: string | null;
      readonly toolKind: ToolKind;
      readonly options: readonly PermissionOption[];
    }
  | {
      readonly kind: "permission_settled";
      readonly requestId: string;
      readonly optionId: string | null;
      /** The user's id, `policy:<policy>`, `agent` (it took the question back) or `sam` (nobody can answer any more). */
      readonly by: string;
    }
  | { readonly kind: "diff"; readonly diff: WorkDiff }
  | { readonly kind: "verdicts"; readonly verdicts: Verdicts }
  | { readonly kind: "receipt"; readonly entry: ReceiptEntry }
  | { readonly kind: "failure"; readonly reason: string; readonly whatToDo: string; readonly evidence: string };

export interface NewMessage {
  readonly author: "user" | "agent" | "sam";
  readonly body: MessageBody;
}

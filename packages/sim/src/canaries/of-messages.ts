/** Canaries of messages: keyed by arrival, acknowledged before they are stored, taken again for new. */
import type { NodeId, TaskId } from "@sam/domain/ids";
import type { NewMessage } from "@sam/domain/message";
import { taskEventRecordSchema } from "@sam/protocol/node-channel";
import { z } from "zod";

import { TaskRunnerLogic } from "../../../../apps/control/src/task/task-runner-logic.ts";
import type { AskedEvent } from "../../../../apps/control/src/task/user-request.ts";
import { instead, type Canary, type TaskLogicPorts } from "./canary.ts";

const recordsSchema = z.array(taskEventRecordSchema);

/** Each event gets the next number here, whatever number its sender gave it. */
class KeyedByArrival extends TaskRunnerLogic {
  override vmAgentEvents(nodeId: NodeId, text: string) {
    const records = recordsSchema.parse(JSON.parse(text));
    const stored = this.facts()?.nodeEventSeq ?? 0;
    const numbered = records.map((record, index) => ({ ...record, seq: stored + index + 1 }));
    const outcome = super.vmAgentEvents(nodeId, JSON.stringify(numbered));
    return outcome === "void" ? outcome : { ackedSeq: records.at(-1)?.seq ?? 0 };
  }
}

class AcknowledgesFirst extends TaskRunnerLogic {
  override vmAgentEvents(nodeId: NodeId, text: string) {
    if (this.facts()?.nodeId !== nodeId) return "void";
    setTimeout(() => super.vmAgentEvents(nodeId, text), 20);
    return { ackedSeq: recordsSchema.parse(JSON.parse(text)).at(-1)?.seq ?? 0 };
  }
}

class SaidAgainIsSaidTwice extends TaskRunnerLogic {
  override say(event: Extract<AskedEvent, { type: "follow_up" }>, by: TaskId) {
    return super.say({ ...event, key: null }, by);
  }
}

class SettlesByHearsay extends TaskRunnerLogic {
  constructor(ports: TaskLogicPorts) {
    const { conversation } = ports;
    const append: typeof conversation.append = (messages, now) => {
      const isAnswer = ({ body }: NewMessage) => body.kind === "permission_settled" && body.by === "user";
      conversation.append([...messages, ...messages.filter(isAnswer)], now);
    };
    super({ ...ports, conversation: instead(conversation, { append }) });
  }
}

export const ofMessages: readonly Canary[] = [
  {
    name: "keyed-by-arrival",
    breaks: "What a VM agent reports again after a reconnect is shown again.",
    rule: 8,
    replaces: { taskLogic: KeyedByArrival },
  },
  {
    name: "acknowledged-before-stored",
    breaks: "What a VM agent reports is acknowledged a moment before it is stored.",
    rule: 8,
    replaces: { taskLogic: AcknowledgesFirst },
  },
  {
    name: "said-again-is-said-twice",
    breaks: "What a user says again, since the reply was lost, is taken for something new.",
    rule: 8,
    replaces: { taskLogic: SaidAgainIsSaidTwice },
  },
  {
    name: "answer-counts-again-when-heard",
    breaks: "A user's answer counts when it is given, and once more when it is heard of.",
    rule: 8,
    replaces: { taskLogic: SettlesByHearsay },
  },
];

/** Tasks that are cancelled at three moments of a turn. */
import type { Script } from "../../model-server/script/script.ts";
import type { AgentBed, Errand } from "../support/agent-bed.ts";
import { expectNoProcess, untilMustAsk, untilRuns, untilSaid, untilStep } from "../support/watching.ts";
import { cancelled, type Played, type Scenario } from "./scenario.ts";

/** A minute of words, one at a time. */
export const longStream = { say: "tick ".repeat(600), chunks: 600, chunkDelayMs: 100 } as const;

export const cancelledInStream: Scenario = {
  id: "cancelled_in_stream",
  title: "is cancelled in mid-stream",
  proves: "While the model is saying a long text. The receipt is whole and no process of the task is left.",
  end: () => cancelled,
  async play(bed) {
    const errand = await bed.submit({ name: "cancel in stream", script: [longStream] });
    await untilSaid(bed, errand, "tick tick");
    return cancel(bed, errand, null);
  },
};

/** Agents know `sleep`, and may refuse to wait for it. */
const endless = ["tail", "-n", "3671", "-f", "/dev/null"];

export const cancelledInTool: Scenario = {
  id: "cancelled_in_tool",
  title: "is cancelled in mid-tool",
  proves: "While a command of the agent runs that never ends. It is gone, too, and the receipt is whole.",
  end: () => cancelled,
  async play(bed) {
    const script: Script = [{ run: endless.join(" ") }, { say: "It ended." }];
    const errand = await bed.submit({ name: "cancel in tool", script });
    await untilRuns(bed, errand, endless);
    return cancel(bed, errand, endless);
  },
};

export const cancelledWhileAsking: Scenario = {
  id: "cancelled_while_asking",
  title: "is cancelled while it asks",
  proves: "While the task awaits your answer. The receipt is whole and no process of the task is left.",
  end: () => cancelled,
  async play(bed) {
    const script: Script = [{ run: "echo no >refused.txt" }, { say: "I was let." }];
    const errand = await bed.submit({ name: "cancel while asking", policy: "ask", script });
    await untilMustAsk(bed, errand);
    return cancel(bed, errand, null);
  },
};

async function cancel(bed: AgentBed, errand: Errand, program: readonly string[] | null): Promise<Played> {
  await bed.system.api.cancel(errand.taskId);
  await untilStep(bed, errand, "cancelled");
  await expectNoProcess(bed, errand.taskId, program);
  return { ...errand, seen: null };
}

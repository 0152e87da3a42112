/** Waiting for what an agent does, by what the task's stream and the process table show of it. */
import type { Message } from "@sam/protocol/message";
import type { TaskView } from "@sam/protocol/task-api";
import { expect } from "vitest";

import { agentTexts } from "../../system/support/conversation.ts";
import type { ProcessEntry } from "../../system/support/process-table.ts";
import { NoLongerPossible } from "../../system/support/until.ts";
import type { AgentBed, Errand } from "./agent-bed.ts";

/** Several agents start at once on a machine that may have two processors. */
const patienceMs = 150_000;
/** A look at the process table reads all of it, and several tests can share one. */
const tableMs = 150;

/** Waits until the task, as it was last told, is as wanted. @returns it. Throws where it has ended without. */
function untilTask({ system }: AgentBed, errand: Errand, what: string, holds: (task: TaskView) => boolean) {
  const { taskId, followed } = errand;
  const look = () => {
    const { task, error } = followed;
    if (error !== null) throw new Error(`the stream ended before ${what}`, { cause: error });
    if (task !== null && holds(task)) return task;
    if (task?.final === true) throw new NoLongerPossible(`it ended as ${task.step} before ${what}`);
    return null;
  };
  return system.until(what, look, { taskId, timeoutMs: patienceMs });
}

/** @returns the end of a task. */
export function untilEnded(bed: AgentBed, errand: Errand): Promise<TaskView> {
  return untilTask(bed, errand, "the task has ended", ({ final }) => final);
}

export function untilStep(bed: AgentBed, errand: Errand, step: TaskView["step"]): Promise<TaskView> {
  return untilTask(bed, errand, `the task is in ${step}`, (task) => task.step === step);
}

/** Waits until the agent has said this, in its own words. */
export async function untilSaid(bed: AgentBed, errand: Errand, text: string): Promise<void> {
  const { messages } = errand.followed;
  const isSaid = () => agentTexts(messages).join("").includes(text);
  await untilTask(bed, errand, `the agent says ${JSON.stringify(text)}`, isSaid);
}

/** Waits until a tool of the agent runs this program. */
export async function untilRuns(bed: AgentBed, errand: Errand, program: readonly string[]): Promise<void> {
  const { belongings } = bed.system;
  const isThere = () => belongings.all(tableMs).some((process) => runs(process, program));
  const { taskId, followed } = errand;
  const what = `a tool of the agent runs ${program.join(" ")}`;
  const look = () => {
    if (isThere()) return true;
    if (followed.task?.final === true) throw new NoLongerPossible(`it ended as ${followed.task.step} before ${what}`);
    return false;
  };
  await bed.system.until(what, look, { taskId, intervalMs: tableMs, timeoutMs: patienceMs });
}

/** Waits until no process of the task is left, nor any that runs this program, whoever its parent is. */
export async function expectNoProcess(
  { system }: AgentBed,
  taskId: string,
  program: readonly string[] | null,
): Promise<void> {
  const isGone = () => {
    const strays = program === null ? [] : system.belongings.all().filter((process) => runs(process, program));
    return system.belongings.ofTask(taskId).length + strays.length === 0;
  };
  await system.until("no process of the task is left", isGone, { taskId, intervalMs: tableMs });
}

function runs({ command }: ProcessEntry, program: readonly string[]): boolean {
  return command.length === program.length && program.every((word, index) => command[index] === word);
}

/** What an agent asked, and what it was about. */
export type Question = NonNullable<TaskView["permission"]>;

/** @returns the question that the task waits with, another one than `before`; null where the task has ended. */
export async function untilAsked(bed: AgentBed, errand: Errand, before: string | null): Promise<Question | null> {
  const isAsked = ({ final, permission }: TaskView) =>
    final || (permission !== null && permission.requestId !== before);
  const { final, permission } = await untilTask(bed, errand, "the agent asks", isAsked);
  return final ? null : permission;
}

/** The same, of an agent that must ask. */
export async function untilMustAsk(bed: AgentBed, errand: Errand): Promise<Question> {
  const { permission } = await untilTask(bed, errand, "the agent asks", (task) => task.permission !== null);
  if (permission === null) throw new Error("it asks nothing");
  return permission;
}

/** @returns the id of the option of this kind. */
export function optionOf({ options }: Question, kind: "allow_once" | "reject_once"): string {
  const option = options.find((one) => one.kind === kind);
  expect(option, `${kind} among ${JSON.stringify(options)}`).toBeDefined();
  return option?.optionId ?? "";
}

/** @returns what SAM observed and said in the conversation. */
export function notesOf(messages: readonly Message[]): readonly string[] {
  return messages.flatMap(({ body }) => (body.kind === "note" ? [body.text] : []));
}

/** @returns who answered the questions, in their order: `user`, or a policy. */
export function answerersOf(messages: readonly Message[]): readonly string[] {
  return messages.flatMap(({ body }) =>
    body.kind === "permission_settled" ? [body.by.replace(/^user_.*/, "user")] : [],
  );
}

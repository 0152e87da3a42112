/** `sam interrupt <id>` and `sam deliver <id>`: the end of a turn, and the end of a conversation. */
import { resolveTaskId } from "../client/task-id.ts";
import type { CommandContext } from "../command-context.ts";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { printJson } from "../terminal/json-output.ts";
import { watchTask } from "./watch-task.ts";

/** The turn that runs is cancelled, and the task awaits its person with what there is. */
export async function interruptCommand(context: CommandContext, id: string): Promise<ExitCode> {
  const taskId = await resolveTaskId(context.api, id);
  const task = await context.api.interrupt(taskId);
  if (context.json) printJson({ task });
  else {
    context.terminal.line(
      `${taskId} is told to end its turn; it is in ${task.step}, and then awaits you. ` +
        `Go on with: sam say ${taskId} "…", or end it with: sam deliver ${taskId}`,
    );
  }
  return exitCodes.completed;
}

export interface DeliverOptions {
  readonly watch?: boolean;
  readonly output?: boolean;
}

/** What there is, is committed, checked and pushed. */
export async function deliverCommand(context: CommandContext, id: string, options: DeliverOptions): Promise<ExitCode> {
  const { api, json, terminal } = context;
  const taskId = await resolveTaskId(api, id);
  const { lastSeq } = await api.messages(taskId, 0);
  const task = await api.deliver(taskId);
  if (options.watch === true) {
    const { exitCode } = await watchTask(context, {
      taskId,
      unfolded: options.output === true,
      after: lastSeq,
      ownsTask: false,
      begin: async (reporter) => reporter.submitted(task),
    });
    return exitCode;
  }
  if (json) printJson({ task });
  else terminal.line(`${taskId} is in ${task.step}. Watch it with: sam task ${taskId} --watch`);
  return exitCodes.completed;
}

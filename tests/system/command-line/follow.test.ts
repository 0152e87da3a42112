/** Following a task while what serves it is stopped, killed and started again: each message is shown once, in order. */
import { messageSchema } from "@sam/protocol/message";
import { describe, expect, it } from "vitest";

import { readMessages } from "../support/conversation.ts";
import { expectExit } from "../support/ends.ts";
import { taskOf } from "../support/run-result.ts";
import { type RunningCommand, startSam } from "../support/sam-command.ts";
import { System } from "../support/system.ts";

const gate = "held";

function messagesIn(command: RunningCommand) {
  return command
    .printed()
    .filter(({ type }) => type === "message")
    .map(({ message }) => messageSchema.parse(message));
}

const losses = {
  "is stopped in order and started again": async (system: System) => {
    system.launcher.signal("SIGINT");
    expect((await system.launcher.ended).exitCode).toBe(0);
    await system.up();
  },
  "is killed with everything and started again": async (system: System) => {
    await system.kill9("launcher");
    await system.launcher.ended;
    await system.up();
  },
  "loses workerd alone": async (system: System) => {
    const before = system.processOf("workerd").pid;
    await system.kill9("workerd");
    await system.until("workerd is back", () => system.processOf("workerd").pid !== before);
  },
} as const;

describe.concurrent("a task that is followed", () => {
  it.for([
    "is stopped in order and started again",
    "is killed with everything and started again",
    "loses workerd alone",
  ] as const)("is shown whole, each message once, where SAM %s", async (loss, test) => {
    const system = await System.start(test);
    const { stage, dataDirectory } = system;
    stage.shut(gate);
    const repository = await system.repository();
    const prompt = `First.\n\n\`\`\`sh\necho one > one.txt\n\`\`\`\n\nThen.\n\n\`\`\`sh\n${stage.wait(gate)}\necho two > two.txt\n\`\`\`\n`;
    const command = startSam(test, ["run", "--json", "--repo", repository.path, prompt], { dataDirectory });
    const follower = startSam(test, ["task", "--json", "--watch", await submittedBy(system, command)], {
      dataDirectory,
    });
    await system.until("the first block is shown", () => shownByBoth([command, follower], "one.txt"));

    await losses[loss](system);

    await system.until("both are told that contact is back", () =>
      [command, follower].every((one) => one.printed().some(({ type }) => type === "contact_back")),
    );
    stage.open(gate);
    const [ended, followed] = await Promise.all([command.end(), follower.end()]);
    expectExit(ended, 0);
    expectExit(followed, 0);
    const task = taskOf(ended);
    expect(await repository.read(task.branch, "two.txt")).toBe("two");
    const stored = await readMessages(system.api, task.taskId);
    for (const one of [command, follower]) {
      const shown = messagesIn(one);
      expect(shown).toEqual(stored.slice(0, shown.length));
      expect(shown.some(({ body }) => body.kind === "step" && body.to === "completed")).toBe(true);
      expect(one.stderr).toBe("");
    }
  });
});

function submittedBy(system: System, command: RunningCommand): Promise<string> {
  return system.until("it is submitted", () => /task_[0-9A-Z]{26}/.exec(command.stdout)?.[0]);
}

function shownByBoth(commands: readonly RunningCommand[], text: string): boolean {
  return commands.every((command) =>
    messagesIn(command).some(
      ({ body }) => JSON.stringify(body).includes(`"completed"`) && JSON.stringify(body).includes(text),
    ),
  );
}

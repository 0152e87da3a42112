/** The first task: what a newcomer sees SAM do, on the sample repository, with no model and no account. */
import { isId, makeId, type TaskId } from "@sam/domain/ids";
import { ulid } from "ulid";
import { z } from "zod";

import type { TaskRequest } from "../client/api-client.ts";
import type { DataDirectory } from "../data-directory/data-directory.ts";
import { readJson, replaceFile } from "../data-directory/files.ts";

const prompt = `Teach the sample to say hello in French, and prove it.

First the wish, as a language without a greeting: the test must notice.

\`\`\`sh
echo fr >> languages.txt
! sh test.sh
\`\`\`

Then the greeting itself, in front of the case for unknown languages.

\`\`\`sh
sed 's/^  \\*)$/  fr) echo "Bonjour" ;;\\n  *)/' greet.sh > greet.new
cat greet.new > greet.sh
rm greet.new
git diff
\`\`\`

Now every language has one.

\`\`\`sh
sh test.sh
\`\`\`
`;

const markSchema = z.object({ taskId: z.string().refine((text): text is TaskId => isId("task", text)) });

export function firstTaskRequest(repositoryPath: string): TaskRequest {
  return { prompt, repository: { url: repositoryPath, branch: null }, agentId: "runbook", checkCommand: "sh test.sh" };
}

/** The id of this directory's first task, where one was ever begun. */
export function readFirstTask(directory: DataDirectory): TaskId | null {
  return readJson(directory.firstTask, markSchema)?.taskId ?? null;
}

/** Draws the id before anything is submitted, so that a start which is cut off goes on with the same task. */
export function drawFirstTask(directory: DataDirectory): TaskId {
  const taskId = makeId("task", ulid());
  replaceFile(directory.firstTask, `${JSON.stringify({ taskId })}\n`);
  return taskId;
}

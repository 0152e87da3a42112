/** A long conversation is opened from its end: the newest page first, then what is before it, without a gap and without a double. */
import { messagePageSchema } from "@sam/protocol/message";
import { describe, expect, it } from "vitest";

import type { Scene } from "./support/scene.ts";
import { connectedIn } from "./support/steps.ts";
import { prose, workDiff } from "./support/vm-agent-script.ts";

async function page(scene: Scene, taskId: string, query: string) {
  const response = await scene.client.fetch(`/api/tasks/${taskId}/messages?${query}`);
  return messagePageSchema.parse(await response.json());
}

const seqsOf = ({ messages }: { readonly messages: readonly { readonly seq: number }[] }) =>
  messages.map(({ seq }) => seq);

describe("a conversation read backwards", () => {
  it("comes in pages from its end to its beginning, each in order, without a gap", async () => {
    const { scene, taskId, agent } = await connectedIn("running");
    const texts = Array.from({ length: 250 }, (_value, index) => `line ${index}`);
    await agent.say(taskId, ...texts.map((text) => prose(1, text)));
    const newest = await page(scene, taskId, `before=${Number.MAX_SAFE_INTEGER}&limit=60`);
    expect(seqsOf(newest).at(-1)).toBe(newest.lastSeq);
    const read: number[] = [];
    for (let before = newest.lastSeq + 1; before > 1;) {
      const seqs = seqsOf(await page(scene, taskId, `before=${before}&limit=60`));
      expect(seqs.length).toBeLessThanOrEqual(60);
      read.unshift(...seqs);
      before = seqs[0] ?? 0;
    }
    expect(read).toEqual(Array.from({ length: newest.lastSeq }, (_value, index) => index + 1));
  });

  it("has nothing before its first message; a seq that is none is refused", async () => {
    const { scene, taskId } = await connectedIn("running");
    expect((await page(scene, taskId, "before=1")).messages).toEqual([]);
    for (const query of ["before=0", "before=-1", "before=x", "limit=501"]) {
      expect((await scene.client.fetch(`/api/tasks/${taskId}/messages?${query}`)).status).toBe(422);
    }
  });

  it("is kept below a megabyte a page, and always moves on", async () => {
    const { scene, taskId, agent } = await connectedIn("running");
    const patches = ["a", "b", "c", "d", "e", "f", "g"].map((letter) => letter.repeat(200_000));
    for (const patch of patches) await agent.say(taskId, { type: "diff", diff: { ...workDiff, patch } });
    const newest = await page(scene, taskId, `before=${Number.MAX_SAFE_INTEGER}`);
    expect(newest.messages.length).toBeGreaterThan(0);
    expect(JSON.stringify(newest).length).toBeLessThan(1_100_000);
    expect(seqsOf(newest).at(-1)).toBe(newest.lastSeq);
  });
});

describe("the diff of the work", () => {
  it("is said by SAM, and the same one is not said again", async () => {
    const { scene, taskId, agent } = await connectedIn("running");
    const other = { ...workDiff, patch: `${workDiff.patch}+more\n` };
    for (const diff of [workDiff, workDiff, other, workDiff]) await agent.say(taskId, { type: "diff", diff });
    const diffs = (await scene.client.messages(taskId)).filter(({ body }) => body.kind === "diff");
    expect(diffs.map(({ author }) => author)).toEqual(["sam", "sam", "sam"]);
    expect(diffs.map(({ body }) => (body.kind === "diff" ? body.diff : null))).toEqual([workDiff, other, workDiff]);
  });
});

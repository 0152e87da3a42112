/** The audit: what went wrong is written down once, where it arose, and every figure names those behind it. */
import { auditSchema, type AuditView } from "@sam/protocol/audit-api";
import { nodeTaskEventSchema } from "@sam/protocol/node-task-event";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";

import { loseAlarm, minuteMs, Scene, secondMs } from "./support/scene.ts";
import { connectedIn, taskIn } from "./support/steps.ts";
import { prose } from "./support/vm-agent-script.ts";
import { eventually } from "./support/world.ts";

async function auditOf(scene: Scene, days = 30): Promise<AuditView> {
  const response = await scene.client.fetch(`/api/audit?days=${days}`);
  if (response.status !== 200) throw new Error(await response.text());
  return auditSchema.parse(await response.json());
}

/** What is noted beside the work is there a moment later. */
function auditWhere(scene: Scene, holds: (audit: AuditView) => boolean): Promise<AuditView> {
  return eventually("the audit tells it", () => auditOf(scene), holds);
}

describe("an audit", () => {
  it("before the first sweep knows nothing and says so; after it everything is as it should be, known since then", async () => {
    const scene = await Scene.open();
    const before = await auditOf(scene);
    expect(before.sweeps).toEqual({ since: null, missed: 0, gaps: [], lastAt: null });
    expect(before.stuck).toEqual({ since: null, tasks: [] });
    await scene.sweep();
    const after = await auditOf(scene);
    expect(after.from).toBe(scene.clock.now - 30 * 24 * 60 * minuteMs);
    expect(after.stuck).toEqual({ since: scene.clock.now, tasks: [] });
    expect(after.silence).toEqual({ since: scene.clock.now, longestMs: 0, spans: [] });
    expect(after.sweeps).toMatchObject({ since: scene.clock.now, missed: 0, gaps: [] });
  });

  it("tells a task that was stuck past its deadline, once, and for how long", async () => {
    const { scene, taskId } = await taskIn("workspace_creation");
    await scene.sweep();
    const deadlineAt = (await scene.client.row(taskId))?.deadlineAt ?? 0;
    await loseAlarm(taskId);
    await scene.passUntil(deadlineAt + 2 * minuteMs);
    await scene.sweep();
    await scene.inStep(taskId, "failed");
    await scene.pass(minuteMs);
    await scene.sweep();
    const { stuck } = await auditWhere(scene, (audit) => audit.stuck.tasks[0]?.until !== null);
    expect(stuck.tasks).toMatchObject([
      { taskId, step: "workspace_creation", deadlineAt, until: deadlineAt + 2 * minuteMs, lateMs: 2 * minuteMs },
    ]);
    const other = await scene.beside();
    expect((await auditOf(other)).stuck.tasks).toEqual([]);
  });

  it("counts what came twice and was passed over, by its task", async () => {
    const { scene, taskId, agent } = await connectedIn("running");
    agent.habits.copies = 2;
    await agent.say(taskId, prose(1, "once"));
    const { repaired } = await auditWhere(scene, (audit) => audit.repaired.deduplicated > 0);
    expect(repaired).toMatchObject({ deduplicated: 1, by: [{ subjectId: taskId, what: "deduplicated", count: 1 }] });
  });

  it("counts what could not be stored, since something before it is missing, and had to be sent again", async () => {
    const { scene, taskId, agent } = await connectedIn("running");
    const event = nodeTaskEventSchema.parse(prose(1, "too early"));
    agent.send({ type: "events", events: [{ taskId, seq: 99, observedAt: 0, event }] });
    const { repaired } = await auditWhere(scene, (audit) => audit.repaired.sentAgain > 0);
    expect(repaired).toMatchObject({ sentAgain: 1, by: [{ subjectId: taskId, what: "sent_again", count: 1 }] });
    expect(JSON.stringify(await scene.client.messages(taskId))).not.toContain("too early");
  });

  it("tells a silence while it lasts and after it, with the tasks on that node; a new VM agent explains one", async () => {
    const { scene, taskId, nodeId, agent } = await connectedIn("running");
    await agent.heartbeat();
    const from = scene.clock.now;
    await scene.pass(3 * minuteMs);
    const during = await auditOf(scene);
    expect(during.silence).toMatchObject({
      longestMs: 3 * minuteMs,
      spans: [{ nodeId, from, to: null, explanation: null, taskIds: [taskId] }],
    });
    await agent.heartbeat();
    const after = await auditWhere(scene, (audit) => audit.silence.spans[0]?.to !== null);
    expect(after.silence.spans).toMatchObject([{ nodeId, from, to: scene.clock.now, explanation: null }]);
    await scene.pass(4 * minuteMs);
    agent.bootId = "boot-another-one";
    await agent.connect();
    const restarted = await auditWhere(scene, (audit) => audit.silence.spans.length === 2);
    expect(restarted.silence.longestMs).toBe(3 * minuteMs);
    expect(restarted.silence.spans[0]).toMatchObject({ explanation: "its VM agent was started anew" });
  });

  it("tells missed sweeps, past and present, and none where they were on time", async () => {
    const scene = await Scene.open();
    await scene.sweep();
    await scene.pass(minuteMs);
    await scene.sweep();
    const from = scene.clock.now;
    await scene.pass(10 * minuteMs);
    expect((await auditOf(scene)).sweeps).toMatchObject({
      missed: 9,
      gaps: [{ from, to: scene.clock.now, missed: 9 }],
    });
    await scene.sweep();
    const { sweeps } = await auditOf(scene);
    expect(sweeps).toMatchObject({ missed: 9, gaps: [{ from, to: scene.clock.now, missed: 9, outageMs: 0 }] });
  });

  it("tells what the sweeps' book says is nobody's, as it was found first; nothing of another owner", async () => {
    const scene = await Scene.open();
    expect((await auditOf(scene)).unowned.resources).toEqual([]);
    const columns = "day INTEGER, part TEXT, kind TEXT, subject_id TEXT, owner_id TEXT, at INTEGER, last_at INTEGER";
    await env.DB.batch([
      env.DB.prepare("CREATE TABLE IF NOT EXISTS sweeps (at INTEGER, began_at INTEGER, parts TEXT)"),
      env.DB.prepare(`CREATE TABLE IF NOT EXISTS sweep_findings (${columns}, times INTEGER, detail TEXT)`),
      env.DB.prepare("INSERT INTO sweeps (at, began_at, parts) VALUES (?, 0, '[]')").bind(scene.clock.now - minuteMs),
      ...[
        [1, "unowned", "srv-7", null],
        [2, "unowned", "srv-7", null],
        [1, "kept", "srv-8", "user_of_somebody_else"],
        [1, "foreign", "srv-9", null],
      ].map(([day, kind, subject, owner]) =>
        env.DB.prepare(
          `INSERT INTO sweep_findings (day, part, kind, subject_id, owner_id, at, last_at, times, detail)
           VALUES (?, 'ledger', ?, ?, ?, ?, 0, 1, 'a server')`,
        ).bind(day ?? 0, kind ?? "", subject ?? "", owner ?? null, scene.clock.now + Number(day)),
      ),
    ]);
    expect((await auditOf(scene)).unowned).toEqual({
      since: scene.clock.now - minuteMs,
      resources: [{ at: scene.clock.now + 1, kind: "unowned", subjectId: "srv-7", detail: "a server" }],
    });
  });

  it("one fact that cannot be read hides no other", async () => {
    const scene = await Scene.open();
    await scene.sweep();
    await env.DB.prepare(
      "INSERT INTO audit_facts (at, kind, subject_id, mark, detail) VALUES (?, ?, 'sweep', 'x', '{}')",
    )
      .bind(scene.clock.now, "sweeps_missed")
      .run();
    await scene.pass(5 * minuteMs + secondMs);
    await scene.sweep();
    expect((await auditOf(scene)).sweeps.gaps).toHaveLength(1);
  });

  it("of less than a day, or of more than a year, is refused by name", async () => {
    const scene = await Scene.open();
    expect((await scene.client.fetch("/api/audit?days=0")).status).toBe(422);
    expect((await scene.client.fetch("/api/audit?days=366")).status).toBe(422);
  });
});

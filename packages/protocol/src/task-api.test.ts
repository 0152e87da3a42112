import { describe, expect, it } from "vitest";
import type { z } from "zod";

import {
  answerSchema,
  branchSchema,
  maxPromptBytes,
  promptSchema,
  repositoryUrlSchema,
  submitTaskSchema,
} from "./task-api.ts";

const accepts = (schema: z.ZodType, value: unknown) => schema.safeParse(value).success;
const ulid = "01JABCDEFGHJKMNPQRSTVWXYZ0";
const whole = { prompt: "Fix it", repository: { url: "/srv/clock.git" } };

describe("a prompt", () => {
  it.each([
    ["empty", "", "is empty"],
    ["nothing but space", " \n\t", "is empty"],
    ["longer than 64 KB", "a".repeat(maxPromptBytes + 1), "64 KB"],
    ["longer than 64 KB in UTF-8, though not in characters", "ü".repeat(maxPromptBytes / 2 + 1), "64 KB"],
    ["with a NUL", "Fix\0it", "NUL"],
  ])("that is %s is refused, and the field is named", (_what, prompt, message) => {
    const { error } = submitTaskSchema.safeParse({ ...whole, prompt });
    expect(error?.issues.map(({ path }) => path.join("."))).toContain("prompt");
    expect(error?.issues.map((issue) => issue.message).join("; ")).toContain(message);
  });

  it("of exactly 64 KB is taken", () => {
    expect(accepts(promptSchema, "a".repeat(maxPromptBytes))).toBe(true);
  });
});

describe("a repository", () => {
  it.each([
    "/srv/clock.git",
    "https://example.com/a.git",
    "ssh://git@example.com/a",
    "git@example.com:a/b.git",
    "git://h/a",
  ])("may be %s", (url) => {
    expect(accepts(repositoryUrlSchema, url)).toBe(true);
  });

  it.each([
    "",
    "clock.git",
    "../clock",
    "file:///etc/passwd",
    "ext::sh -c whoami",
    "--upload-pack=/bin/sh",
    "https://user:secret@example.com/a.git",
    "/srv/clock.git\n--upload-pack=x",
    "/srv/clock\0",
  ])("may not be %j", (url) => {
    const { error } = submitTaskSchema.safeParse({ ...whole, repository: { url } });
    expect(error?.issues.map(({ path }) => path.join("."))).toContain("repository.url");
  });
});

describe("a branch", () => {
  it.each(["main", "feature/clock", "v1.2", "ä"])("may be %s", (name) => {
    expect(accepts(branchSchema, name)).toBe(true);
  });

  it.each([
    "",
    "-f",
    "a..b",
    "a b",
    "a~1",
    "a^",
    "a:b",
    "a?",
    "a*",
    "a[",
    "a\\b",
    "a.lock",
    "a/",
    "/a",
    "a//b",
    "@{u}",
    "a\nb",
  ])("may not be %j", (name) => {
    expect(accepts(branchSchema, name)).toBe(false);
  });
});

describe("a request for a task", () => {
  it("says of its agent, check, mode and policy what it says: what it leaves out is the project's to say", () => {
    expect(submitTaskSchema.parse(whole)).toEqual({
      ...whole,
      repository: { ...whole.repository, branch: null },
    });
  });

  it.each([
    ["taskId", { taskId: `node_${ulid}` }],
    ["taskId", { taskId: "" }],
    ["agentId", { agentId: "../agent" }],
    ["mode", { mode: "forever" }],
    ["checkCommand", { checkCommand: "" }],
  ])("with a wrong %s is refused, and the field is named", (field, change) => {
    const { error } = submitTaskSchema.safeParse({ ...whole, ...change });
    expect(error?.issues.map(({ path }) => path[0])).toEqual([field]);
  });

  it("may name the task itself, so that sent twice it is one", () => {
    expect(accepts(submitTaskSchema, { ...whole, taskId: `task_${ulid}` })).toBe(true);
  });
});

describe("an answer", () => {
  it("names its question; null refuses all options", () => {
    expect(accepts(answerSchema, { requestId: "q1", optionId: null })).toBe(true);
    expect(accepts(answerSchema, { requestId: "q1" })).toBe(false);
    expect(accepts(answerSchema, { requestId: "", optionId: "yes" })).toBe(false);
  });
});

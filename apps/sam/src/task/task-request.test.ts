import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { exitCodes, UsageError } from "../exit-code.ts";
import { chooseOption } from "./answer-command.ts";
import { readChoice } from "./interrupt.ts";
import { repositoryUrl, taskRequest } from "./task-request.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sam-request-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function refusal(prompt: string | undefined, options: Parameters<typeof taskRequest>[1]): string {
  try {
    taskRequest(prompt, options);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).exitCode).toBe(exitCodes.usage);
    return (error as UsageError).message;
  }
  throw new Error("it was accepted");
}

describe("a request that cannot be", () => {
  const repo = "/srv/repo";

  it.each([
    ["no prompt", undefined, { repo }, "Say what is to be done"],
    ["an empty prompt", "  \n ", { repo }, "the prompt is empty"],
    ["a prompt over 64 KB", "é".repeat(40_000), { repo }, "the prompt is longer than 64 KB"],
    ["a prompt and a file", "do it", { repo, file: "plan.md" }, "not both"],
    ["a file that is not there", undefined, { repo, file: "/nonexistent/plan.md" }, "there is no such file"],
    ["a directory for a file", undefined, { repo, file: "/" }, "it is a directory"],
    ["an empty repository", "do it", { repo: "" }, "--repo is empty"],
    ["a password in the URL", "do it", { repo: "https://me:secret@example.org/x.git" }, "--repo holds a password"],
    ["a branch that is an option", "do it", { repo, branch: "--upload-pack=x" }, "--branch is not a valid branch name"],
    ["an agent's id with a slash", "do it", { repo, agent: "../sh" }, "--agent must be an agent's id"],
    ["an empty check", "do it", { repo, check: "" }, "--check"],
  ])("is refused, naming the field: %s", (_, prompt, options, expected) => {
    const message = refusal(prompt, options);
    expect(message).toContain(expected);
    expect(message).toContain("Nothing was submitted.");
  });

  it("is refused where the file is not text or too long", () => {
    writeFileSync(join(folder, "binary"), Buffer.from([0xff, 0xfe, 0x00]));
    writeFileSync(join(folder, "long"), "x".repeat(64 * 1024 + 1));
    expect(refusal(undefined, { repo, file: join(folder, "binary") })).toContain("not text in UTF-8");
    expect(refusal(undefined, { repo, file: join(folder, "long") })).toContain("longer than 64 KB");
  });
});

describe("a request", () => {
  it("carries the file's text as it stands", () => {
    writeFileSync(join(folder, "plan.md"), "# Plan\n\n```sh\ntrue\n```\n");
    const request = taskRequest(undefined, { repo: "/srv/repo", file: join(folder, "plan.md"), check: "npm test" });
    expect(request).toMatchObject({
      prompt: "# Plan\n\n```sh\ntrue\n```\n",
      agentId: "runbook",
      checkCommand: "npm test",
    });
  });

  it("takes a path from where the person stands, and leaves URLs alone", () => {
    expect(repositoryUrl("../app", "/home/me/tools")).toBe("/home/me/app");
    expect(repositoryUrl(".", "/home/me")).toBe("/home/me");
    expect(repositoryUrl("/srv/x.git", "/home/me")).toBe("/srv/x.git");
    expect(repositoryUrl("file:///srv/x%20y.git", "/home/me")).toBe("/srv/x y.git");
    expect(repositoryUrl("https://example.org/x.git", "/home/me")).toBe("https://example.org/x.git");
    expect(repositoryUrl("git@example.org:x.git", "/home/me")).toBe("git@example.org:x.git");
  });
});

describe("an answer to a permission", () => {
  const permission = {
    requestId: "1",
    title: "Run it?",
    options: [
      { optionId: "yes", name: "Yes", kind: "allow_once" },
      { optionId: "2", name: "Always", kind: "allow_always" },
      { optionId: "no", name: "No", kind: "reject_once" },
    ],
  };

  it("is named by id, by number or by kind; an id goes before a number", () => {
    expect(chooseOption(permission, "1")).toBe("yes");
    expect(chooseOption(permission, "2")).toBe("2");
    expect(chooseOption(permission, "no")).toBe("no");
    expect(chooseOption(permission, "allow_always")).toBe("2");
    expect(chooseOption(permission, "none")).toBeNull();
  });

  it("is refused where it is none of them", () => {
    expect(() => chooseOption(permission, "4")).toThrow(UsageError);
    expect(() => chooseOption(permission, "maybe")).toThrow(/3 {2}No \(reject_once\)/);
  });
});

describe("an answer to Ctrl-C", () => {
  it("is understood by its first letter, asked again where it isn't, and leaves the task alone at the end of input", () => {
    expect(readChoice("l")).toBe("leave");
    expect(readChoice("Cancel")).toBe("cancel");
    expect(readChoice("g")).toBe("go_on");
    expect(readChoice("go on")).toBe("go_on");
    expect(readChoice("x")).toBeNull();
    expect(readChoice("")).toBeNull();
    expect(readChoice(null)).toBe("leave");
  });
});

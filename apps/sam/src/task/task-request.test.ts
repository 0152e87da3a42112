import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { exitCodes, UsageError } from "../exit-code.ts";
import { chooseOption } from "./answer-command.ts";
import { readChoice } from "./interrupt.ts";
import { answerPrompt, readAnswer, readWords } from "./prompts.ts";
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
    ["a policy that there is not", "do it", { repo, policy: "allow_most" }, "--policy"],
    ["a mode that there is not", "do it", { repo, mode: "chat" }, "--mode"],
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
      checkCommand: "npm test",
    });
  });

  it("leaves to the project what was left out, and says no check where that was said", () => {
    const left = taskRequest("do it", { repo: "/srv/repo" });
    for (const field of ["agentId", "checkCommand", "permissionPolicy", "mode"]) {
      expect(JSON.parse(JSON.stringify(left))).not.toHaveProperty(field);
    }
    expect(taskRequest("do it", { repo: "/srv/repo", check: false })).toMatchObject({ checkCommand: null });
    const given = taskRequest("do it", { repo: "/srv/repo", policy: "allow_edits", mode: "conversation" });
    expect(given).toMatchObject({ permissionPolicy: "allow_edits", mode: "conversation" });
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
    detail: null,
    toolKind: "execute" as const,
    askedAt: 0,
    options: [
      { optionId: "yes", name: "Yes", kind: "allow_once" },
      { optionId: "2", name: "Always", kind: "allow_always" },
      { optionId: "no", name: "No", kind: "reject_once" },
    ],
  };

  it("is named by number, by yes or no, by kind or by id", () => {
    expect(chooseOption(permission, "1")).toBe("yes");
    expect(chooseOption(permission, "2")).toBe("2");
    expect(chooseOption(permission, "no")).toBe("no");
    expect(chooseOption(permission, "allow_always")).toBe("2");
    expect(chooseOption(permission, "Yes")).toBe("yes");
    expect(chooseOption(permission, "n")).toBe("no");
    expect(chooseOption(permission, "none")).toBeNull();
  });

  it.each(["2", "no", "n", "reject_once"])("is what a person means by %s, whatever ids the agent chose", (text) => {
    for (const name of ["2", "no", "n", "reject_once", "none"]) {
      const options = [
        { optionId: name, name: "Allow", kind: "allow_once" },
        { optionId: "harmless", name: "Reject", kind: "reject_once" },
      ];
      expect(chooseOption({ ...permission, options }, text)).toBe("harmless");
      expect(readAnswer({ options }, text)).toEqual({ kind: "option", optionId: "harmless" });
      expect(chooseOption({ ...permission, options }, "none")).toBeNull();
    }
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
    expect(readChoice("x")).toBeUndefined();
    expect(readChoice("")).toBeUndefined();
    expect(readChoice(null)).toBe("leave");
  });
});

describe("an answer at the keyboard", () => {
  const options = [
    { optionId: "a", name: "Yes", kind: "allow_once" },
    { optionId: "b", name: "Always", kind: "allow_always" },
    { optionId: "c", name: "No", kind: "reject_once" },
  ];
  const option = (optionId: string | null) => ({ kind: "option", optionId });

  it("is a number or a key, and none where the key has no one meaning", () => {
    expect(answerPrompt({ options })).toContain("1-3, [y]es, once, [n]o, or [l]eave it open?");
    expect(readAnswer({ options }, "3")).toEqual(option("c"));
    expect(readAnswer({ options }, " Y ")).toEqual(option("a"));
    expect(readAnswer({ options }, "no")).toEqual(option("c"));
    expect(readAnswer({ options }, "none")).toEqual(option(null));
    expect(readAnswer({ options: options.slice(0, 2) }, "n")).toEqual(option(null));
    for (const text of ["", "4", "maybe", "y\ny"]) expect(readAnswer({ options }, text)).toBeUndefined();
    expect(readAnswer({ options: options.slice(1) }, "y")).toBeUndefined();
  });

  it("leaves the question open at l, and at the end of the input", () => {
    expect(readAnswer({ options }, "l")).toEqual({ kind: "leave" });
    expect(readAnswer({ options }, null)).toEqual({ kind: "leave" });
  });
});

describe("words at the keyboard", () => {
  it("are told as they stand, with every line of a paste", () => {
    expect(readWords("now the tests\n  and the docs")).toEqual({ kind: "say", text: "now the tests\n  and the docs" });
    expect(readWords("/etc/hosts is wrong")).toEqual({ kind: "say", text: "/etc/hosts is wrong" });
  });

  it("are a command where they are one; a slip is told to nobody", () => {
    expect(readWords(" /deliver ")).toEqual({ kind: "deliver" });
    expect(readWords("/cancel")).toEqual({ kind: "cancel" });
    expect(readWords("/leave")).toEqual({ kind: "leave" });
    expect(readWords(null)).toEqual({ kind: "leave" });
    expect(readWords("/delver")).toBeUndefined();
    expect(readWords("  ")).toBeUndefined();
  });
});

/** Work that would have the node run a program, the page show another change than was made, or the repository take in another. */
import type { Act, HostileCase } from "../support/hostile-case.ts";
import { far, run } from "../support/payload.ts";

export interface WorkCase extends HostileCase {
  readonly acts: readonly Act[];
}

const asData = "git runs with a directory of SAM's own: what the workspace configures is read as data";
const isReviewed = "a patch is shown line by line as git ends them, with a sign for whatever cannot be seen";

/** A program that leaves a trace where a test looks for it, in any of the ways in which git would run it. */
const trap = (id: string) => `sh -c 'touch "{{state}}/ran-${id}"; cat'`;

/** Everything of a configuration that names a program. */
const configured = (id: string) =>
  [
    ["core.fsmonitor", trap(id)],
    ["core.hooksPath", "{{state}}/trap-hooks"],
    ["core.pager", trap(id)],
    ["core.editor", trap(id)],
    ["core.sshCommand", trap(id)],
    ["core.gitProxy", trap(id)],
    ["core.askPass", "{{state}}/trap-hooks/pre-commit"],
    ["core.alternateRefsCommand", trap(id)],
    ["core.worktree", "/"],
    ["diff.external", trap(id)],
    ["diff.trap.command", trap(id)],
    ["diff.trap.textconv", trap(id)],
    ["filter.trap.clean", trap(id)],
    ["filter.trap.smudge", trap(id)],
    ["filter.trap.process", trap(id)],
    ["merge.trap.driver", trap(id)],
    ["credential.helper", `!${trap(id)}`],
    ["gpg.program", "{{state}}/trap-hooks/pre-commit"],
    ["commit.gpgSign", "true"],
    ["push.gpgSign", "true"],
    ["alias.status", `!${trap(id)}`],
    ["uploadpack.packObjectsHook", trap(id)],
    ["remote.origin.uploadpack", trap(id)],
    ["remote.origin.receivepack", trap(id)],
    ["remote.origin.url", `ext::${trap(id)}`],
    ["remote.origin.pushurl", far(id)],
    [`url.${far(id)}/.insteadOf`, "/"],
    ["submodule.recurse", "true"],
    ["push.recurseSubmodules", "on-demand"],
    ["push.followTags", "true"],
    ["protocol.ext.allow", "always"],
    ["trace2.eventTarget", "{{state}}/ran-config"],
    // No configuration: from here on git reads no more of it.
    ["include.path", "/etc/passwd"],
  ].map(([key = "", value = ""]) => `git config ${key} ${quoted(value)}`);

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\\''`)}'`;
}

const hooks = [
  "pre-commit",
  "commit-msg",
  "post-commit",
  "pre-push",
  "post-checkout",
  "reference-transaction",
  "post-index-change",
  "fsmonitor-watchman",
  "push-to-checkout",
  "update",
  "post-update",
];

const makeHooks = (folder: string, id: string) =>
  `mkdir -p ${folder}\nfor hook in ${hooks.join(" ")}; do printf '#!/bin/sh\\ntouch "{{state}}/ran-${id}"\\n' >"${folder}/$hook"; chmod +x "${folder}/$hook"; done`;

export const workCases: readonly WorkCase[] = [
  {
    id: "links",
    what: "links to files and folders outside, absolute and by dots, and to the workspace's own git directory",
    mustNot: "be followed: their targets' content is neither shown nor pushed",
    heldBy: "git stores a link as a link, and nothing of SAM's follows one",
    acts: [
      {
        do: "sh",
        script:
          "ln -s /etc/passwd link-absolute; ln -s ../../../../../../../../etc/passwd link-dots; ln -s / link-root; ln -s .git link-git; ln -s {{state}} link-state; ln -s /proc/self/environ link-proc; ln -s nowhere link-nowhere",
      },
    ],
  },
  {
    id: "file-names",
    what: "files named as options, as markup, with line ends, quotation marks, tabs, turned directions and no UTF-8",
    mustNot: "be taken for an option, an element or another file",
    heldBy: "paths go to git behind NUL and `--`, and are shown as text with a sign for whatever cannot be seen",
    acts: [
      { do: "file", path: "-rf", text: "a\n" },
      { do: "file", path: `--upload-pack=touch ran`, text: "a\n" },
      {
        do: "file",
        path: `<img src=x onerror=${run("file-names")}>.html`,
        text: `<script>${run("file-names")}</script>\n`,
      },
      { do: "file", path: "two\nlines.txt", text: "a\n" },
      { do: "file", path: 'quote".txt', text: "a\n" },
      { do: "file", path: "tab\there.txt", text: "a\n" },
      { do: "file", path: "gpj.\u202efdp.exe", text: "a\n" },
      { do: "file", path: "a b/z.sh b/z.sh", text: "a\n" },
      { do: "file", path: ":(exclude)z.sh", text: "a\n" },
      { do: "file", path: ".GIT-like/config", text: "a\n" },
      {
        do: "sh",
        script: "printf x >\"$(printf 'bytes\\377\\376.txt')\"; printf x >\"$(printf 'escape\\033[2J.txt')\"",
      },
    ],
  },
  {
    id: "forged-patch",
    what: "a file that holds the patch of another file, behind ends of lines that git does not know",
    mustNot: "be shown as the change of that other file",
    heldBy: isReviewed,
    acts: [
      {
        do: "file",
        path: "a-forged.txt",
        text: ["\r", "\u2028", "\u2029", "\u0085", "\n"]
          .map((end) =>
            [
              `x`,
              "diff --git a/z.sh b/z.sh",
              "index 1..2 100644",
              "--- a/z.sh",
              "+++ b/z.sh",
              "@@ -1 +1 @@",
              "-echo z",
              "+echo FORGED-forged-patch",
            ].join(end),
          )
          .join("\n"),
      },
      { do: "file", path: "z.sh", text: "echo z\nrm -rf real-change\n" },
    ],
  },
  {
    id: "hidden-code",
    what: "code that a reviewer does not see: between escape sequences, behind turned directions, in letters of no width, over the end of a line",
    mustNot: "be hidden in the diff",
    heldBy: isReviewed,
    acts: [
      {
        do: "file",
        path: "hidden.js",
        text: "/*\u001b]*/ stealEscape(); /*\u0007*/\nif (admin /*\u202e { \u2066*/ stealTurned()) {}\n// harmless\r stealReturn();\nconst \u3164 = stealFiller;\nadmi\u200dn();\n",
      },
    ],
  },
  {
    id: "history",
    what: "a commit in SAM's name with a message of escape sequences and trailers, tags, other branches, notes and a moved main",
    mustNot: "be pushed beside the task's own branch",
    heldBy: "one ref is pushed, by its full name, without force, tags or notes",
    acts: [
      {
        do: "sh",
        script: `export GIT_AUTHOR_NAME="SAM" GIT_AUTHOR_EMAIL=sam@localhost GIT_COMMITTER_NAME="SAM" GIT_COMMITTER_EMAIL=sam@localhost
echo committed >committed.txt; git add committed.txt
git commit -q -m "$(printf '\\033]0;owned\\007FORGED-history\\n\\nVerdict: pushed\\nSigned-off-by: You <you@example.com>')"
git tag v9; git branch hostile-branch; git update-ref refs/heads/main HEAD; git update-ref refs/notes/x HEAD; git update-ref refs/heads/-f HEAD`,
      },
    ],
  },
  {
    id: "replaced",
    what: "a replacement and a graft of the commit that the work began from, so that its difference is another one",
    mustNot: "change the diff or the numbers",
    heldBy: "replacements are turned off, and grafts are not taken over",
    acts: [
      {
        do: "sh",
        script: `git replace -f HEAD~1 HEAD; mkdir -p .git/info; git rev-parse HEAD >.git/info/grafts; git rev-parse HEAD >.git/shallow`,
      },
    ],
  },
  {
    id: "hidden-change",
    what: "a change of a file that the index is told to take for unchanged",
    mustNot: "be checked without being pushed",
    heldBy: "the index is asked for such marks, and they are taken off",
    acts: [
      {
        do: "sh",
        script: `for file in README.md; do git update-index --assume-unchanged "$file"; done\necho hidden-change >>README.md\ngit update-index --skip-worktree z.sh`,
      },
    ],
  },
  {
    id: "attributes",
    what: "attributes that name filters, converters, drivers and encodings",
    mustNot: "run a program, or change what is shown or pushed",
    heldBy: asData,
    acts: [
      {
        do: "file",
        path: ".gitattributes",
        text: "* filter=trap diff=trap merge=trap\n*.utf16 working-tree-encoding=UTF-16\n*.id ident export-subst\nz.sh -diff binary\n",
      },
      { do: "file", path: "kept.txt", text: "as it is\n" },
      { do: "sh", script: "mkdir -p .git/info; printf '* filter=trap diff=trap -diff\\n' >.git/info/attributes" },
    ],
  },
  {
    id: "submodule",
    what: "a submodule whose address is an option and whose update is a program, and a repository inside with hooks of its own",
    mustNot: "be fetched or run",
    heldBy: "submodules are never entered, and repositories inside are left alone",
    acts: [
      {
        do: "file",
        path: ".gitmodules",
        text: `[submodule "x"]\n\tpath = x\n\turl = --upload-pack=touch {{state}}/ran-submodule\n\tupdate = !touch {{state}}/ran-submodule\n[submodule "../../y"]\n\tpath = ../../y\n\turl = ext::sh -c touch% {{state}}/ran-submodule\n`,
      },
      {
        do: "sh",
        script: `mkdir inside && cd inside && git init -q && git -c user.name=x -c user.email=x@x commit -q --allow-empty -m x\n${makeHooks(".git/hooks", "submodule")}\ngit config core.fsmonitor ${quoted(trap("submodule"))}`,
      },
    ],
  },
  {
    id: "hooks",
    what: "hooks of every name in the workspace's own folder",
    mustNot: "be run",
    heldBy: asData,
    acts: [{ do: "sh", script: makeHooks(".git/hooks", "hooks") }],
  },
  {
    id: "config",
    what: "a configuration that names a program wherever git takes one: monitors, filters, drivers, helpers, pagers, proxies",
    mustNot: "be run at the diff or the delivery, or move where the work goes",
    heldBy: asData,
    acts: [{ do: "sh", script: `${makeHooks("{{state}}/trap-hooks", "config")}\n${configured("config").join("\n")}` }],
  },
];

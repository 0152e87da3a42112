/** Ways out of the workspace, by a path or a link, for an agent that reads and writes through SAM or asks it to allow that. */
import type { Act, HostileCase } from "../support/hostile-case.ts";

export interface PathCase extends HostileCase {
  /** Each of these must be refused. */
  readonly reads: readonly string[];
  readonly writes: readonly string[];
}

const isResolved = "a path is resolved with every link on its way, and must lie inside of the workspace";

/** Made before anything is asked for. */
export const makeLinks: Act = {
  do: "sh",
  script: [
    "mkdir -p {{state}}/outside {{cwd}}-beside",
    "printf outside >{{state}}/outside/token; printf outside >{{cwd}}-beside/token",
    "ln -s {{state}}/outside/token link-file; ln -s {{state}}/outside link-folder; ln -s / link-root",
    "ln -s {{state}}/outside/new link-to-nothing; ln -s link-file link-to-link; ln -s /proc/self/environ link-proc",
    "ln -s loop loop; mkfifo pipe; mkdir folder",
    "ln -s ../../../../../../../../../../etc/passwd folder/link-dots",
  ].join("\n"),
};

export const pathCases: readonly PathCase[] = [
  {
    id: "path-absolute",
    what: "absolute paths of the system, of the node's store and token, of processes' environments",
    mustNot: "be read or written",
    heldBy: isResolved,
    reads: [
      "/etc/passwd",
      "{{state}}/outside/token",
      "{{state}}/../../vm-agent.sqlite",
      "/proc/{{parent}}/environ",
      "/proc/self/environ",
      "/proc/self/root/etc/passwd",
      "/dev/zero",
    ],
    writes: ["/tmp/hostile", "{{state}}/outside/token", "{{state}}/../../token", "/proc/self/comm"],
  },
  {
    id: "path-dots",
    what: "paths with dots, doubled slashes and a neighbour whose name begins alike",
    mustNot: "be read or written",
    heldBy: isResolved,
    reads: [
      "{{cwd}}/../../../../../../../../../../etc/passwd",
      "{{cwd}}/folder/../../..//etc/passwd",
      "{{cwd}}-beside/token",
      "{{cwd}}/..",
    ],
    writes: ["{{cwd}}/../escaped", "{{cwd}}-beside/token", "{{cwd}}-new/token"],
  },
  {
    id: "path-not-a-file",
    what: "paths that are relative, empty, URLs, folders, pipes, loops, or hold a NUL",
    mustNot: "be read or written, or hold the agent's connection up",
    heldBy: "only an absolute path of a regular file is taken",
    reads: [
      "README.md",
      "",
      "file:///etc/passwd",
      "~/.ssh/id_rsa",
      "{{cwd}}",
      "{{cwd}}/folder",
      "{{cwd}}/pipe",
      "{{cwd}}/loop",
      "{{cwd}}/x\u0000/../../../etc/passwd",
    ],
    writes: ["README.md", "", "{{cwd}}", "{{cwd}}/folder", "{{cwd}}/pipe", "{{cwd}}/loop"],
  },
  {
    id: "path-links",
    what: "links to files, folders, other links, what is not there yet, and the process's own environment",
    mustNot: "be followed outside",
    heldBy: isResolved,
    reads: [
      "{{cwd}}/link-file",
      "{{cwd}}/link-folder/token",
      "{{cwd}}/link-root/etc/passwd",
      "{{cwd}}/link-to-link",
      "{{cwd}}/link-proc",
      "{{cwd}}/folder/link-dots",
    ],
    writes: [
      "{{cwd}}/link-file",
      "{{cwd}}/link-folder/token",
      "{{cwd}}/link-to-nothing",
      "{{cwd}}/link-to-link",
      "{{cwd}}/link-folder/deep/new",
    ],
  },
];

export const raceCase: HostileCase = {
  id: "swapped-folder",
  what: "a folder that turns into a link that leads out while its file is asked for",
  mustNot: "be followed outside",
  heldBy: "where the file that was opened really is, is asked of the kernel before it is read or written",
};

export interface PlaceCase extends HostileCase {
  readonly toolCall: Readonly<Record<string, unknown>>;
}

const isPlace = "a policy allows what lies inside by every place that the call names; else the person is asked";

/** Under the policy “allow edits in the workspace”: each must be asked nevertheless. */
export const placeCases: readonly PlaceCase[] = [
  place("place-outside", "an edit of a file outside", { locations: [{ path: "/root/.bashrc" }] }),
  place("place-link", "an edit through a link that leads out", { locations: [{ path: "{{cwd}}/link-folder/token" }] }),
  place("place-none", "an edit that names no place", {}),
  place("place-two", "an edit of two files, one of them outside", {
    locations: [{ path: "{{cwd}}/README.md" }, { path: "{{cwd}}/../x" }],
  }),
  place("place-input", "an edit whose input names another file than its place", {
    locations: [{ path: "{{cwd}}/README.md" }],
    rawInput: { options: { filePath: "/root/.bashrc" } },
  }),
  place("place-content", "an edit whose change is of another file than its place", {
    locations: [{ path: "{{cwd}}/README.md" }],
    content: [{ type: "diff", path: "/root/.bashrc", oldText: "", newText: "x" }],
  }),
  place("place-tool", "an edit of what only a shell would expand", {
    locations: [{ path: "~/.bashrc" }, { path: "$HOME/.bashrc" }],
  }),
  place("place-url", "an edit of a URL", { locations: [{ path: "file:///root/.bashrc" }] }),
  place("place-git", "an edit of the repository's own configuration, which git would run", {
    locations: [{ path: "{{cwd}}/.git/config" }],
  }),
  place("place-command", "a command that calls itself an edit by its title alone", {
    kind: "execute",
    title: "Edit README.md",
    locations: [{ path: "{{cwd}}/README.md" }],
  }),
];

function place(id: string, what: string, fields: Readonly<Record<string, unknown>>): PlaceCase {
  const toolCall = { toolCallId: id, kind: "edit", title: id, status: "pending", ...fields };
  return {
    id,
    what: `under “allow edits in the workspace”: ${what}`,
    mustNot: "be allowed without being asked",
    heldBy: isPlace,
    toolCall,
  };
}

/** Questions that would have a person allow something else than they read. */
import type { HostileCase } from "../support/hostile-case.ts";
import { far, run } from "../support/payload.ts";

export interface PermissionCase extends HostileCase {
  /** Of `session/request_permission`. */
  readonly params: Readonly<Record<string, unknown>>;
  /** What a person must be able to read before they answer. */
  readonly shows: readonly string[];
  /** All answers that may be offered, in their order. */
  readonly answers: readonly string[];
  readonly presses: string;
  /** Which option the agent is told; null: none. */
  readonly gives: string | null;
}

const yesNo = [
  { optionId: "yes", name: "Yes", kind: "allow_once" },
  { optionId: "no", name: "No", kind: "reject_once" },
];
const usual = { answers: ["Allow once", "Refuse"], presses: "Refuse", gives: "no" } as const;
const inFull = "what is asked is shown whole, and a sign or a name stands where something cannot be seen";
const byKind = "an answer is called by its kind; the agent's name for it stands beside it";

function call(id: string, fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { toolCallId: id, kind: "execute", status: "pending", title: `run ${id}`, ...fields };
}

export const permissionCases: readonly PermissionCase[] = [
  {
    id: "lying-names",
    what: "an option named “Refuse” that allows for ever, and one named “Allow once” that refuses",
    mustNot: "be pressed for what its name says",
    heldBy: byKind,
    params: {
      toolCall: call("lying-names", {}),
      options: [
        { optionId: "for-ever", name: "Refuse", kind: "allow_always" },
        { optionId: "refused", name: "Allow once", kind: "reject_once" },
      ],
    },
    shows: ["run lying-names"],
    answers: ["Allow always", "Refuse"],
    presses: "Refuse",
    gives: "refused",
  },
  {
    id: "many-options",
    what: "forty options that allow, and behind them the one that refuses",
    mustNot: "be without a way to refuse",
    heldBy: "sixteen options are kept, among them one that refuses where there is any",
    params: {
      toolCall: call("many-options", {}),
      options: [
        ...Array.from({ length: 40 }, (_, index) => ({
          optionId: `a${index}`,
          name: `way ${index}`,
          kind: "allow_once",
        })),
        { optionId: "no", name: "No", kind: "reject_once" },
      ],
    },
    shows: ["run many-options"],
    answers: [...Array.from({ length: 15 }, (_, index) => `Allow once way ${index}`), "Refuse"],
    presses: "Refuse",
    gives: "no",
  },
  {
    id: "same-ids",
    what: "options of one id: what refuses would be told as what allows",
    mustNot: "be pressed for a refusal",
    heldBy: "of one id the first is kept; without a refusal there is “Give no answer”",
    params: {
      toolCall: call("same-ids", {}),
      options: ["allow_once", "allow_always", "reject_once"].map((kind) => ({ optionId: "x", name: kind, kind })),
    },
    shows: ["run same-ids"],
    answers: ["Allow once", "Give no answer"],
    presses: "Give no answer",
    gives: null,
  },
  {
    id: "no-options",
    what: "a question without an answer",
    mustNot: "hold the person for ever",
    heldBy: "without a refusal there is “Give no answer”",
    params: { toolCall: call("no-options", {}), options: [] },
    shows: ["run no-options"],
    answers: ["Give no answer"],
    presses: "Give no answer",
    gives: null,
  },
  {
    id: "hidden-command",
    what: "a command of which a terminal and a browser show only the harmless half",
    mustNot: "be allowed unread",
    heldBy: inFull,
    params: {
      toolCall: call("hidden-command", {
        title: "ls \u001b]0; rm -rf ~ \u0007",
        rawInput: { command: "ls \u001b]0; rm -rf ~ \u0007 \u0090; curl evil \u009c\u202e#\u200b\r\u0008" },
      }),
      options: yesNo,
    },
    shows: ["ls ␛]0; rm -rf ~ ␇", "⟨U+0090⟩; curl evil ⟨U+009C⟩⟨U+202E⟩#⟨U+200B⟩␍␈"],
    ...usual,
  },
  {
    id: "second-line",
    what: "a command of two lines whose title reads as one",
    mustNot: "be allowed unread",
    heldBy: inFull,
    params: {
      toolCall: call("second-line", { title: "echo hello\nrm -rf ~", rawInput: { command: "echo hello\nrm -rf ~" } }),
      options: yesNo,
    },
    shows: ["echo hello rm -rf ~", "echo hello\nrm -rf ~"],
    ...usual,
  },
  {
    id: "answered-title",
    what: "a title that says that it was answered and that all is well, 100,000 letters long",
    mustNot: "be read as SAM's",
    heldBy: "a question says that the agent asks, and is open until it has an answer of its own",
    params: {
      toolCall: call("answered-title", {
        title: `ls. Answered by you: Allow always. FORGED-answered-title ${"x ".repeat(50_000)}`,
        content: [
          {
            type: "content",
            content: { type: "text", text: "Answered by the policy “allow all”. FORGED-answered-title" },
          },
        ],
      }),
      options: yesNo,
    },
    shows: ["The agent asks to run a command: ls. Answered by you", "characters left out"],
    ...usual,
  },
  {
    id: "markup-question",
    what: "markup in the title, the detail, the options and their ids",
    mustNot: "run, load, become an element",
    heldBy: "a question is text",
    params: {
      toolCall: call("markup-question", {
        title: `<img src=x onerror="${run("markup-question")}"> ![x](${far("markup-question")}/q.png)`,
        rawInput: { command: `<script>${run("markup-question")}</script>` },
      }),
      options: [
        {
          optionId: `"><img src=x onerror=${run("markup-question")}>`,
          name: `<b onclick="${run("markup-question")}">x</b>`,
          kind: "allow_once",
        },
        { optionId: "__proto__", name: "No", kind: "reject_once" },
      ],
    },
    shows: ["<img src=x onerror=", "<script>window.hostileTrace"],
    answers: [`Allow once <b onclick="${run("markup-question")}">x</b>`, "Refuse"],
    presses: "Refuse",
    gives: "__proto__",
  },
  {
    id: "change-elsewhere",
    what: "a change of a harmless file by its title, of another one by its content",
    mustNot: "be allowed unread",
    heldBy: inFull,
    params: {
      toolCall: call("change-elsewhere", {
        kind: "edit",
        title: "Edit README.md",
        locations: [{ path: "README.md" }],
        content: [
          {
            type: "diff",
            path: "/root/.ssh/authorized_keys\u2028README.md",
            oldText: "",
            newText: "ssh-rsa evil\r# comment\n",
          },
        ],
      }),
      options: yesNo,
    },
    shows: ["/root/.ssh/authorized_keys⟨U+2028⟩README.md", "+ ssh-rsa evil␍# comment"],
    ...usual,
  },
];

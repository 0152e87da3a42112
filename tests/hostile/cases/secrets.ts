/** An owner's secret, which the agent has, in everything that an agent can say. */
import { type Act, type EmittedCase, marker, says, saysCase, update } from "../support/hostile-case.ts";
import { toolThatPrints } from "./floods.ts";

const isMasked = "what an agent says is looked through for the owner's secrets, in their common encodings, on the node";

function pieces(id: string, texts: readonly string[], kind = "agent_message_chunk"): readonly Act[] {
  return texts.map((text) => update({ sessionUpdate: kind, messageId: id, content: { type: "text", text } }));
}

/** One letter a chunk. */
const letters = Array.from({ length: 48 }, (_, index) => `{{secret:${index}:${index + 1}}}`);

export const secretCases: readonly EmittedCase[] = [
  secret(
    "secret-plain",
    "printed as it is, and within other words",
    saysCase("secret-plain", "<{{secret}}> and x{{secret}}x{{secret}}"),
  ),
  secret("secret-encoded", "printed as base64, as base64 within a longer text, as part of a URL, as JSON", [
    ...saysCase("secret-encoded", "{{secret:base64}} https://x.invalid/?key={{secret:url}}"),
    says("secret-json", "key: {{secret:json}} and {{secret:basic}}"),
  ]),
  secret("secret-coloured", "cut by colours and by letters of no width, which whoever shows it takes out", [
    ...saysCase(
      "secret-coloured",
      "KEY=\u001b[01;31m{{secret:0:9}}\u001b[m\u001b[K{{secret:9:48}} {{secret:0:20}}\u200b{{secret:20:48}}",
    ),
    ...toolThatPrints("secret-coloured", "KEY=\u001b[01;31m{{secret:0:9}}\u001b[m\u001b[K{{secret:9:48}}"),
  ]),
  secret("secret-chunks", "printed in chunks: cut in two, letter by letter, as a thought", [
    ...pieces("secret-chunks", [
      `${marker("secret-chunks")} `,
      "{{secret:0:9}}",
      "{{secret:9:48}}",
      " and ",
      ...letters,
      ".",
    ]),
    ...pieces("secret-thought", ["hm ", "{{secret:0:20}}", "{{secret:20:48}}"], "agent_thought_chunk"),
  ]),
  secret("secret-tools", "in a tool's name, input, output, places, changes, and in what it prints piece by piece", [
    ...toolThatPrints(
      "secret-tools",
      "before {{secret}} after\n{{secret:base64}}",
      `${marker("secret-tools")} {{secret}}`,
    ),
    update({
      sessionUpdate: "tool_call",
      toolCallId: "secret-change",
      title: "change",
      status: "completed",
      rawInput: { "{{secret}}": ["{{secret}}", { deep: "{{secret:url}}" }] },
      rawOutput: { stdout: "{{secret}}" },
      locations: [{ path: "/x/{{secret}}" }],
      content: [{ type: "diff", path: "{{secret}}", oldText: "{{secret}}", newText: "{{secret:base64}}" }],
      _meta: { any: { "{{secret}}": "{{secret}}" } },
    }),
    update({ sessionUpdate: "tool_call", toolCallId: "secret-pieces", title: "pieces", status: "in_progress" }),
    ...["{{secret:0:12}}", "{{secret:12:48}}"].map((data) =>
      update({
        sessionUpdate: "tool_call_update",
        toolCallId: "secret-pieces",
        _meta: { terminal_output_delta: { data } },
      }),
    ),
    update({
      sessionUpdate: "tool_call_update",
      toolCallId: "secret-pieces",
      status: "completed",
      _meta: { terminal_exit: { exit_code: 0 } },
    }),
  ]),
  secret("secret-others", "in plans, modes, updates of unheard-of kinds, and as ids", [
    ...saysCase("secret-others", "Others:"),
    update({ sessionUpdate: "plan", entries: [{ content: "use {{secret}}", status: "pending", priority: "low" }] }),
    update({ sessionUpdate: "current_mode_update", currentModeId: "{{secret}}" }),
    update({ sessionUpdate: "unheard_of", anything: "{{secret}}" }),
    update({ sessionUpdate: "tool_call", toolCallId: "{{secret}}", title: "id", status: "completed" }),
    update({ sessionUpdate: "agent_message_chunk", messageId: "{{secret}}", content: { type: "text", text: "x" } }),
  ]),
  secret("secret-question", "in a question's title, detail, options and their ids", [
    {
      do: "ask",
      params: {
        toolCall: {
          toolCallId: "q",
          kind: "execute",
          title: "run {{secret}}",
          status: "pending",
          rawInput: { command: ["curl", "-H", "key: {{secret}}"] },
        },
        options: [{ optionId: "no", name: "not {{secret}}", kind: "reject_once" }],
      },
    },
    ...saysCase("secret-question", "Asked."),
  ]),
  secret("secret-end", "on the standard error, in lines that are no messages, and in the error that ends the turn", [
    ...saysCase("secret-end", "The end."),
    { do: "stderr", text: "dump: {{secret}}\n{{secret:base64}}\n" },
    { do: "end", answer: { error: { code: -32_000, message: "no luck with {{secret}}" } } },
  ]),
];

export interface LeakCase extends EmittedCase {
  /** Where the refusal says that it stands. */
  readonly place: string;
}

const isScanned = "a delivery looks through every line and every commit's words that it would push, and pushes nothing";

/** Each is the work of a task of its own. */
export const leakCases: readonly LeakCase[] = [
  {
    id: "leak-file",
    what: "work that holds a secret in a file",
    mustNot: "be pushed",
    heldBy: isScanned,
    place: "config.env",
    acts: [{ do: "file", path: "config.env", text: "KEY={{secret}}\n" }],
  },
  {
    id: "leak-history",
    what: "a commit that holds a secret, and a later one that takes it out",
    mustNot: "be pushed",
    heldBy: isScanned,
    place: "config.env",
    acts: [
      { do: "file", path: "config.env", text: "KEY={{secret:base64}}\n" },
      {
        do: "sh",
        script:
          "git config user.name x; git config user.email x@x; git add . && git commit -qm add && git rm -q config.env && git commit -qm remove && echo x >x.txt",
      },
    ],
  },
  {
    id: "leak-message",
    what: "a commit whose message holds a secret",
    mustNot: "be pushed",
    heldBy: isScanned,
    place: "message",
    acts: [
      { do: "file", path: "message.txt", text: "add the key {{secret}}\n" },
      {
        do: "sh",
        script:
          "git config user.name x; git config user.email x@x; mv message.txt ../message-of-{{session-id}}; echo x >x.txt; git add x.txt && git commit -qF ../message-of-{{session-id}}; rm ../message-of-{{session-id}}",
      },
    ],
  },
];

function secret(id: string, how: string, acts: readonly Act[]): EmittedCase {
  return { id, what: `a secret ${how}`, mustNot: "be stored or shown", heldBy: isMasked, acts };
}

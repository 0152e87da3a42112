/**
 * A hostile case is one thing that an agent emits in order to do what it must not, together with what holds it off. Its id
 * stands in whatever it would run, ask for or forge, so that a trace of it names it.
 */

/** One step of a play, as `hostile-agent.mjs` performs it. `name`: under which the report says what it came to. */
export type Act =
  | { readonly do: "update"; readonly update: Readonly<Record<string, unknown>> }
  | { readonly do: "line" | "stderr"; readonly text: string }
  | { readonly do: "ask"; readonly name?: string; readonly params: Readonly<Record<string, unknown>> }
  | {
      readonly do: "request";
      readonly name?: string;
      readonly method: string;
      readonly params: Readonly<Record<string, unknown>>;
    }
  | { readonly do: "file"; readonly path: string; readonly text: string }
  | { readonly do: "sh"; readonly name?: string; readonly script: string }
  | {
      readonly do: "http";
      readonly name: string;
      readonly url: string;
      readonly method?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly do: "race"; readonly name: string }
  | { readonly do: "exit"; readonly code: number }
  | { readonly do: "end"; readonly answer: Readonly<Record<string, unknown>> };

export interface HostileCase {
  readonly id: string;
  /** What the agent emits. */
  readonly what: string;
  /** What must not happen. */
  readonly mustNot: string;
  /** What holds it. */
  readonly heldBy: string;
}

/** A case that is nothing but what it emits: its looks are those that every case is given. */
export interface EmittedCase extends HostileCase {
  readonly acts: readonly Act[];
}

/** A whole message of the agent, apart from the one before. */
export function says(id: string, text: string): Act {
  return update({ sessionUpdate: "agent_message_chunk", messageId: id, content: { type: "text", text } });
}

/** A message that a reader can tell by its first word. */
export function saysCase(id: string, text: string): readonly Act[] {
  return [says(id, `${marker(id)}\n\n${text}`)];
}

export function update(fields: Readonly<Record<string, unknown>>): Act {
  return { do: "update", update: fields };
}

/** What stands before a case's text, where it is a text. */
export function marker(id: string): string {
  return `case-${id}.`;
}

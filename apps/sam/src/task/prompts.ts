/** What a person at the keyboard is asked for a task, and how their answer is read. */
import { namedOption, onlyOfKind, type Permission } from "./permission-view.ts";

export type Answer = { readonly kind: "option"; readonly optionId: string | null } | { readonly kind: "leave" };

/** Its options stand above it. */
export function answerPrompt({ options }: Pick<Permission, "options">): string {
  const numbers = options.length > 1 ? `1-${options.length}` : "1";
  const yes = onlyOfKind(options, "allow_once") === undefined ? "" : "[y]es, once, ";
  return `\nYour answer: ${numbers}, ${yes}[n]o, or [l]eave it open? `;
}

/** @param text null at the end of the input. @returns undefined for an answer that is none. */
export function readAnswer(permission: Pick<Permission, "options">, text: string | null): Answer | undefined {
  if (text === null) return { kind: "leave" };
  const word = text.trim();
  if (word === "") return undefined;
  if ("leave".startsWith(word.toLowerCase())) return { kind: "leave" };
  const optionId = namedOption(permission.options, word);
  return optionId === undefined ? undefined : { kind: "option", optionId };
}

export const wordsPrompt = `
The turn is over. Say what comes next and press Enter, or:
  /deliver  commit, check and push what there is      /cancel  end it with nothing pushed
  /leave    leave it waiting for you
> `;

export type Words =
  | { readonly kind: "say"; readonly text: string }
  | { readonly kind: "deliver" }
  | { readonly kind: "cancel" }
  | { readonly kind: "leave" };

/** @param text null at the end of the input. @returns undefined for words that say nothing, or name no command. */
export function readWords(text: string | null): Words | undefined {
  if (text === null) return { kind: "leave" };
  const words = text.trim();
  if (words === "") return undefined;
  switch (words) {
    case "/deliver":
      return { kind: "deliver" };
    case "/cancel":
      return { kind: "cancel" };
    case "/leave":
      return { kind: "leave" };
    default:
      // A slip of the hand is not told to an agent; a path is.
      return /^\/[a-z]+$/.test(words) ? undefined : { kind: "say", text };
  }
}

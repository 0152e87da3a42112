/** What a person at the keyboard is asked for a task, and how their answer is read. */
import { namedOption, type Permission } from "./permission-view.ts";

export type Answer = { readonly kind: "option"; readonly optionId: string | null } | { readonly kind: "leave" };

/** Its options stand above it. */
export function answerPrompt({ options }: Pick<Permission, "options">): string {
  const numbers = options.length > 1 ? `1-${options.length}` : "1";
  const yes = onlyOf({ options }, "allow_once") === null ? "" : "[y]es, once, ";
  return `\nYour answer: ${numbers}, ${yes}[n]o, or [l]eave it open? `;
}

/** @param text null at the end of the input. @returns undefined for an answer that is none. */
export function readAnswer(permission: Pick<Permission, "options">, text: string | null): Answer | undefined {
  if (text === null) return { kind: "leave" };
  const word = text.trim();
  if (word === "") return undefined;
  const lower = word.toLowerCase();
  if ("leave".startsWith(lower)) return { kind: "leave" };
  if ("yes".startsWith(lower)) {
    const optionId = onlyOf(permission, "allow_once");
    return optionId === null ? undefined : { kind: "option", optionId };
  }
  if (lower === "n" || lower === "no") return { kind: "option", optionId: onlyOf(permission, "reject_once") };
  const optionId = namedOption(permission.options, word);
  return optionId === undefined ? undefined : { kind: "option", optionId };
}

function onlyOf({ options }: Pick<Permission, "options">, kind: string): string | null {
  const [only, ...others] = options.filter((option) => option.kind === kind);
  return others.length === 0 ? (only?.optionId ?? null) : null;
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

/** Whose words an item is: it decides how it looks, and no text in it can change that. */
import type { Item } from "./item.ts";

export type Author = "agent" | "user" | "sam";

export function authorOf({ kind }: Item): Author {
  switch (kind) {
    case "prose":
    case "thought":
    case "tool":
    case "plan":
    case "mode":
      return "agent";
    case "prompt":
      return "user";
    default:
      return "sam";
  }
}

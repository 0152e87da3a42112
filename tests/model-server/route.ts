/** A route says what a path asks for. Whatever stands before the version is the client's own base URL. */
import { chatCompletions } from "./dialects/chat-completions.ts";
import type { Dialect } from "./dialects/dialect.ts";
import { gemini } from "./dialects/gemini.ts";
import { messages } from "./dialects/messages.ts";
import { responses } from "./dialects/responses.ts";

/** `probe`: whether somebody is there at all. */
export type Purpose = "answer" | "count" | "models" | "probe" | "unknown";

export interface Route {
  readonly purpose: Purpose;
  readonly dialect: Dialect | null;
}

const posts: readonly (readonly [RegExp, Purpose, Dialect])[] = [
  [/\/chat\/completions$/, "answer", chatCompletions],
  [/\/responses$/, "answer", responses],
  [/\/messages$/, "answer", messages],
  [/\/messages\/count_tokens$/, "count", messages],
  [/\/models\/[^/]+:(?:streamGenerateContent|generateContent)$/, "answer", gemini],
  [/\/models\/[^/]+:countTokens$/, "count", gemini],
];

/** @returns what is asked for. */
export function routeOf(method: string, url: string): Route {
  const { pathname } = new URL(url, "http://127.0.0.1");
  if (method === "HEAD" || (method === "GET" && pathname === "/")) return { purpose: "probe", dialect: null };
  if (method === "GET" && pathname.endsWith("/models")) return { purpose: "models", dialect: null };
  const [, purpose, dialect] = (method === "POST" ? posts : []).find(([pattern]) => pattern.test(pathname)) ?? [];
  return purpose === undefined || dialect === undefined ? { purpose: "unknown", dialect: null } : { purpose, dialect };
}

/** @returns the models in a shape that serves OpenAI's and Anthropic's clients, and Gemini's. */
export function modelList(models: readonly string[]): unknown {
  return {
    object: "list",
    has_more: false,
    data: models.map((id) => ({ id, object: "model", type: "model", display_name: id, created: 0, owned_by: "tests" })),
    models: models.map((id) => ({ name: `models/${id}`, supportedGenerationMethods: ["generateContent"] })),
  };
}

/** What a person gave, checked as the API checks it, before anything is sent or started. */
import type { z } from "zod";

import { UsageError } from "./exit-code.ts";

export interface InputWords {
  /** How a field of the API is named on the command line. */
  readonly flags: Readonly<Record<string, string>>;
  /** What did not happen, such as `Nothing was submitted.` */
  readonly nothing: string;
}

/** @returns the input as parsed. Throws a UsageError that names each field that is wrong as the person named it. */
export function checkedInput<Schema extends z.ZodType>(
  schema: Schema,
  input: z.input<Schema> | Readonly<Record<string, unknown>>,
  { flags, nothing }: InputWords,
): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => {
    const field = path.join(".");
    return `${flags[field] ?? field} ${message}`;
  });
  throw new UsageError(`${problems.join("\n")}\n${nothing}`);
}

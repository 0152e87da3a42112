/** Errors of the API: problem details (RFC 9457), `application/problem+json`. `code` is a closed list; `errors` names fields. */
import { z } from "zod";

export const problemCodes = [
  "invalid_input",
  "unauthenticated",
  "forbidden",
  "not_found",
  "conflict",
  "not_allowed_now",
  "payload_too_large",
  "too_many_attempts",
  "unavailable",
  "internal",
] as const;

export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.enum(problemCodes),
  /** One entry per bad field; `field` is its path, such as `repository.url`. */
  errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof problemSchema>;

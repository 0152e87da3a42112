/** JSON bodies and answers, as the OpenAPI document describes them. */
import type { z } from "zod";

export function jsonAnswer<Schema extends z.ZodType>(description: string, schema: Schema) {
  return { description, content: { "application/json": { schema } } };
}

/** Required: a request without it, or with another content type, is refused and names the body. */
export function jsonBody<Schema extends z.ZodType>(schema: Schema) {
  return { required: true, content: { "application/json": { schema } } };
}

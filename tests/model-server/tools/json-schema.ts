/** A JSON schema, as far as the model server needs to read one: what an agent's tool or answer looks like. */
import { z } from "zod";

export interface JsonSchema {
  readonly type?: string | readonly string[] | undefined;
  readonly properties?: Readonly<Record<string, JsonSchema>> | undefined;
  readonly required?: readonly string[] | undefined;
  readonly enum?: readonly unknown[] | undefined;
  readonly items?: JsonSchema | undefined;
  readonly anyOf?: readonly JsonSchema[] | undefined;
}

export const JsonSchemaSchema: z.ZodType<JsonSchema> = z.lazy(() =>
  z.object({
    type: z.union([z.string(), z.array(z.string())]).optional(),
    properties: z.record(z.string(), JsonSchemaSchema).optional(),
    required: z.array(z.string()).optional(),
    enum: z.array(z.unknown()).optional(),
    items: JsonSchemaSchema.optional().catch(undefined),
    anyOf: z.array(JsonSchemaSchema).optional(),
  }),
);

/** @returns the type, in lower case: Gemini writes OBJECT where the others write object. */
export function typeOf(schema: JsonSchema): string {
  const type = typeof schema.type === "string" ? schema.type : schema.type?.[0];
  return type?.toLowerCase() ?? (schema.properties === undefined ? "string" : "object");
}

/** @returns the smallest value that the schema allows. */
export function smallestValue(schema: JsonSchema): unknown {
  if (schema.enum !== undefined) return schema.enum[0];
  const first = schema.anyOf?.[0];
  if (first !== undefined) return smallestValue(first);
  switch (typeOf(schema)) {
    case "object":
      return smallestObject(schema);
    case "array":
      return [];
    case "boolean":
      return false;
    case "number":
    case "integer":
      return 1;
    case "null":
      return null;
    default:
      return "ready";
  }
}

/** @returns what is required, each the smallest value. */
export function smallestObject({ required = [], properties = {} }: JsonSchema): Record<string, unknown> {
  return Object.fromEntries(required.map((name) => [name, smallestValue(properties[name] ?? {})]));
}

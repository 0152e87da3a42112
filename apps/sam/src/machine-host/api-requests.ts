/** What the machine host's API takes: each request parsed at the edge, each refusal naming the field. */
import { isAbsolute } from "node:path";

import { z } from "zod";

import { ApiError } from "./api-error.ts";
import { localLocation, localMachineType } from "./machine-types.ts";

const labelKey = z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9._/-]{0,62}$/, "must be 1 to 63 letters, digits, . _ - or /");
const labelValue = z.string().regex(/^[a-zA-Z0-9._-]{0,63}$/, "must be at most 63 letters, digits, . _ or -");

export const createServerSchema = z.object({
  name: z
    .string()
    .regex(
      /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
      "must be a host name: 1 to 63 lower-case letters, digits and hyphens",
    ),
  machineType: z.literal(localMachineType, `must be a machine type of the catalog: ${localMachineType}`),
  location: z.literal(localLocation, `must be a location of the catalog: ${localLocation}`),
  labels: z
    .record(labelKey, labelValue)
    .refine((labels) => Object.keys(labels).length <= 64, "must be at most 64 labels"),
  userData: z.string().max(64 * 1024, "must be at most 64 KiB"),
});
export type CreateServer = z.infer<typeof createServerSchema>;

export const attachRepositorySchema = z.object({
  path: z
    .string()
    .max(4096)
    .refine((path) => isAbsolute(path) && !path.includes("\0"), "must be an absolute path"),
});

const pageNumber = z.coerce.number().int().min(1);

const listSchema = z.object({
  labelSelector: z
    .string()
    .transform((text) => text.split(",").filter(Boolean))
    .pipe(z.array(z.string().regex(/^[^=]+=[^=]*$/, "must be key=value, with commas in between")))
    .transform(
      (pairs) => new Map(pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)])),
    )
    .default(new Map()),
  page: pageNumber.default(1),
  perPage: pageNumber.max(50).default(25),
});
export type ListQuery = z.infer<typeof listSchema>;

const destroyDiskSchema = z.object({ evenUnsaved: z.enum(["true", "false"]).default("false") });

const maxBodyBytes = 256 * 1024;

/** @throws ApiError naming the first field that was refused; `body` where it isn't JSON at all. */
export async function parseBody<Schema extends z.ZodType>(request: Request, schema: Schema): Promise<z.output<Schema>> {
  const text = await request.text();
  if (text.length > maxBodyBytes)
    throw new ApiError("invalid_input", `body: longer than ${maxBodyBytes} bytes`, "body");
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new ApiError("invalid_input", "body: not valid JSON", "body", error);
  }
  return parse(schema, json, "body");
}

export function parseListQuery(query: URLSearchParams): ListQuery {
  return parse(listSchema, Object.fromEntries(query), "query");
}

/** @returns whether a disk is to go even where work lies on it. */
export function parseDestroyDisk(query: URLSearchParams): boolean {
  return parse(destroyDiskSchema, Object.fromEntries(query), "query").evenUnsaved === "true";
}

function parse<Schema extends z.ZodType>(schema: Schema, input: unknown, whole: string): z.output<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue === undefined || issue.path.length === 0 ? whole : issue.path.map(String).join(".");
  throw new ApiError("invalid_input", `${field}: ${issue?.message ?? "not accepted"}`, field, result.error);
}

/** A router whose refusals are problem details, for every folder of routes. */
import { OpenAPIHono } from "@hono/zod-openapi";

import { invalidInput } from "./problem-response.ts";
import type { ApiContext } from "./session.ts";

export function createApiApp(): OpenAPIHono<ApiContext> {
  return new OpenAPIHono<ApiContext>({
    defaultHook: (result) => {
      if (!result.success) throw invalidInput(result.error);
    },
  });
}

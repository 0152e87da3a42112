/** The API of secrets. No answer holds a value, and no problem repeats one. */
import { createRoute, z } from "@hono/zod-openapi";
import {
  oneSecretSchema,
  secretListSchema,
  secretNameSchema,
  secretRotationSchema,
  setSecretSchema,
} from "@sam/protocol/secret-api";
import { drizzle } from "drizzle-orm/d1";

import { createApiApp } from "../api/api-app.ts";
import { withinD1 } from "../api/d1-deadline.ts";
import { jsonAnswer, jsonBody } from "../api/json-content.ts";
import { ApiError, problemResponses } from "../api/problem-response.ts";
import { within } from "../lifecycle/deadline.ts";
import { requireKeyRing } from "./secret-keys.ts";
import { rotateSecrets } from "./secret-rotation.ts";
import { deleteSecret, listSecrets, setSecret } from "./secret-store.ts";

const secretParams = z.object({ name: secretNameSchema });
const rotationTimeoutMs = 25_000;

export const secretRoutes = createApiApp();

secretRoutes.openapi(
  createRoute({
    method: "get",
    path: "/",
    summary: "Your secrets, without their values",
    responses: { 200: jsonAnswer("By name", secretListSchema), ...problemResponses },
  }),
  async (context) => {
    const secrets = await withinD1(listSecrets(drizzle(context.env.DB), context.var.ownerId));
    return context.json({ secrets }, 200);
  },
);

secretRoutes.openapi(
  createRoute({
    method: "put",
    path: "/{name}",
    summary: "Set a secret; its value is never shown again",
    request: { params: secretParams, body: jsonBody(setSecretSchema) },
    responses: { 200: jsonAnswer("The secret, without its value", oneSecretSchema), ...problemResponses },
  }),
  async (context) => {
    const { env } = context;
    const { name } = context.req.valid("param");
    const { value } = context.req.valid("json");
    const ring = await requireKeyRing(env);
    const set = setSecret(drizzle(env.DB), ring, context.var.ownerId, { name, value }, Date.now());
    return context.json({ secret: await withinD1(set) }, 200);
  },
);

secretRoutes.openapi(
  createRoute({
    method: "delete",
    path: "/{name}",
    summary: "Delete a secret; an agent that runs keeps what it was given until it ends",
    request: { params: secretParams },
    responses: { 204: { description: "It is deleted" }, ...problemResponses },
  }),
  async (context) => {
    const { name } = context.req.valid("param");
    if (await withinD1(deleteSecret(drizzle(context.env.DB), context.var.ownerId, name)))
      return context.body(null, 204);
    throw new ApiError("not_found", `You have no secret ${name}.`);
  },
);

secretRoutes.openapi(
  createRoute({
    method: "post",
    path: "/rotate",
    summary: "Encrypt every secret of this installation under its newest key",
    responses: { 200: jsonAnswer("What was done, and what is left", secretRotationSchema), ...problemResponses },
  }),
  async (context) => {
    const { env } = context;
    const work = rotateSecrets(drizzle(env.DB), await requireKeyRing(env));
    return context.json(await within("the rotation", rotationTimeoutMs, work), 200);
  },
);

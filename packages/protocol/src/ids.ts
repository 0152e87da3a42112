/** zod schemas of our ids: a text of the wrong shape is refused at the edge, naming the field. */
import { isId, type Id } from "@sam/domain/ids";
import { z } from "zod";

function idSchema<Prefix extends string>(prefix: Prefix) {
  return z.string().refine((text): text is Id<Prefix> => isId(prefix, text), {
    error: `must be an id of the form ${prefix}_ and 26 characters`,
  });
}

export const taskIdSchema = idSchema("task");
export const nodeIdSchema = idSchema("node");
export const projectIdSchema = idSchema("proj");
export const workspaceIdSchema = idSchema("ws");
export const userIdSchema = idSchema("user");

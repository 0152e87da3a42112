/** The answer of a route that tells of one task. */
import { taskViewSchema } from "@sam/protocol/task-api";
import { z } from "zod";

export const oneTaskSchema = z.object({ task: taskViewSchema });

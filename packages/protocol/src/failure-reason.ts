/** A failure reason of the closed list, as it crosses a wire. */
import { isFailureReason } from "@sam/domain/failure-reason";
import { z } from "zod";

export const failureReasonSchema = z.string().refine(isFailureReason, {
  error: "must be a failure reason of the closed list",
});

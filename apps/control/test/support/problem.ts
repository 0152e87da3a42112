/** A refusal of the API: problem details, whose status is that of the answer. */
import { problemSchema, type Problem } from "@sam/protocol/problem";
import { expect } from "vitest";

export async function problemOf(response: Response): Promise<Problem> {
  expect(response.headers.get("content-type")).toContain("application/problem+json");
  const problem = problemSchema.parse(await response.json());
  expect(problem.status).toBe(response.status);
  return problem;
}

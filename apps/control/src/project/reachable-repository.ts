/** A repository on a disk is reached by nodes of that machine alone. */
import { ApiError } from "../api/problem-response.ts";
import type { Env } from "../env.ts";

/** Throws, naming the field that the URL stood in, where no node of this installation could reach the repository. */
export function requireReachable(env: Pick<Env, "PROVIDER">, url: string, field: string): void {
  if (!url.startsWith("/") || env.PROVIDER === "local") return;
  const message = "is a path on your machine, which the nodes of this installation cannot reach: give a URL";
  throw new ApiError("invalid_input", `${field} ${message}`, [{ field, message }]);
}

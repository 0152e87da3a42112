/** What failed, what was kept, and what to press. */
import type { ReactNode } from "react";

import { ApiProblem, Unreachable } from "../api/api-error.ts";
import { Button } from "./Button.tsx";
import { StatusShape } from "./Status.tsx";

export interface ErrorNoticeProps {
  /** What was tried, such as "The task was not submitted". */
  readonly what: string;
  readonly error: unknown;
  /** What is not lost, such as "Your text is still here". */
  readonly kept?: ReactNode;
  readonly retry?: (() => void) | undefined;
  readonly retryLabel?: string;
}

export function ErrorNotice({ what, error, kept, retry, retryLabel = "Try again" }: ErrorNoticeProps): ReactNode {
  return (
    <div role="alert" className="flex flex-col items-start gap-2 border-l-2 border-failed bg-failed-soft p-3">
      <p className="flex items-center gap-2 font-medium text-failed">
        <StatusShape meaning="failed" />
        {what}
      </p>
      <p>{reasonOf(error)}</p>
      {kept !== undefined && <p className="text-ink-quiet">{kept}</p>}
      {retry !== undefined && <Button onClick={retry}>{retryLabel}</Button>}
    </div>
  );
}

/** @returns why, in words that say what to do next. */
export function reasonOf(error: unknown): string {
  if (error instanceof ApiProblem) return error.problem.detail;
  if (error instanceof Unreachable) {
    return "SAM did not answer in time. If it was stopped, start it again; what had been accepted goes on then.";
  }
  return `${error instanceof Error ? error.message : String(error)}. Load the page again; if it stays so, it is a fault of SAM.`;
}

/**
 * What stands where an answer is not there: its shape while it is on its way, the error where it never came, and since
 * when it has not been renewed where an older one is still shown.
 */
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { ApiProblem } from "../api/api-error.ts";
import { Age } from "../ui/Age.tsx";
import { ErrorNotice, reasonOf } from "../ui/ErrorNotice.tsx";
import { StatusShape } from "../ui/Status.tsx";

export interface QueryNoticeProps {
  readonly query: Pick<UseQueryResult, "data" | "error" | "refetch" | "dataUpdatedAt">;
  /** What failed, such as "The tasks could not be listed". */
  readonly what: string;
  readonly loading: ReactNode;
}

export function QueryNotice({ query, what, loading }: QueryNoticeProps): ReactNode {
  const { data, error, refetch, dataUpdatedAt } = query;
  if (data === undefined && error === null) return loading;
  if (data === undefined) return <ErrorNotice what={what} error={error} retry={() => void refetch()} />;
  // That the API cannot be reached at all is said once, above the page.
  if (!(error instanceof ApiProblem)) return null;
  return (
    <div role="status" className="flex items-start gap-2 border-l-2 border-dashed border-line-strong py-1 pl-3">
      <StatusShape meaning="unknown" className="mt-0.5" />
      <p>
        {what}; what you see is from <Age at={dataUpdatedAt} />. {reasonOf(error)}
      </p>
    </div>
  );
}

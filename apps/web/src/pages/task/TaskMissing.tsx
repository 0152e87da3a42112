/** A task that is not there, or could not be asked for. */
import type { ReactNode } from "react";

import { isNotFound, isSignedOut } from "../../api/api-error.ts";
import { Page } from "../../layout/Page.tsx";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";

export interface TaskMissingProps {
  readonly error: unknown;
  readonly retry: () => void;
}

export function TaskMissing({ error, retry }: TaskMissingProps): ReactNode {
  // The frame asks to sign in.
  if (isSignedOut(error)) return null;
  return (
    <div className="h-full overflow-y-auto">
      <Page title="Task">
        {isNotFound(error) ? (
          <EmptyState title="There is no such task">
            Its id may be mistyped, or it belongs to another owner. Your tasks stand on Home.
          </EmptyState>
        ) : (
          <ErrorNotice
            what="The task could not be loaded"
            error={error}
            kept="It goes on where it runs."
            retry={retry}
          />
        )}
      </Page>
    </div>
  );
}

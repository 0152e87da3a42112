/** The model does not answer: since when, how, and when the turn is given up. */
import { modelFailureText } from "@sam/domain/usage-words";
import type { TaskView } from "@sam/protocol/task-api";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { pathTo } from "../path-builder.ts";
import { Age, Duration } from "../ui/Age.tsx";
import { StatusShape } from "../ui/Status.tsx";

export function ModelTrouble({ trouble }: { readonly trouble: TaskView["modelTrouble"] }): ReactNode {
  if (trouble === null) return null;
  return (
    <div
      role="status"
      aria-label="Model trouble"
      className="flex items-start gap-2 border-l-2 border-yours bg-yours-soft px-3 py-2 text-sm"
    >
      <StatusShape meaning="yours" className="mt-0.5" />
      <p>
        The model has answered no call for <Duration since={trouble.since} until={null} />:{" "}
        {modelFailureText(trouble.failure)}.
        {trouble.giveUpAt !== null && (
          <>
            {" "}
            The turn is given up <Age at={trouble.giveUpAt} />.
          </>
        )}{" "}
        <Link {...pathTo.agents()}>Its key and settings</Link>
      </p>
    </div>
  );
}

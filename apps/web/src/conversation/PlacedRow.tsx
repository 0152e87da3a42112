/** A row in the column that is read, under its address. */
import { memo, type ReactNode } from "react";

import { cx } from "../ui/cx.ts";
import type { Row } from "./chain.ts";
import { OtherTask } from "./Moment.tsx";
import { RowView, standingOf } from "./RowView.tsx";

export interface PlacedRowProps {
  readonly row: Row;
  readonly before: Row | null;
  readonly agent: string;
  readonly isOwnTask: boolean;
  readonly isLast: boolean;
  readonly isMarked: boolean;
}

export const PlacedRow = memo(function PlacedRow(props: PlacedRowProps): ReactNode {
  const { row, before, agent, isOwnTask, isLast, isMarked } = props;
  const standing = standingOf(row, before);
  return (
    <article
      id={isOwnTask && row.kind === "item" ? `seq-${row.item.seq}` : undefined}
      className={cx("mx-auto w-full max-w-[50rem] px-4", standing === "first" && "pt-5")}
    >
      <div className={cx("rounded-sm", isMarked && "outline-2 outline-offset-4 outline-accent")}>
        <OtherTask value={isOwnTask ? null : row.taskId}>
          <RowView row={row} agent={agent} isOwnTask={isOwnTask} standing={standing} isLast={isLast} />
        </OtherTask>
      </div>
    </article>
  );
});

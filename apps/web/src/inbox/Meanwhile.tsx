import { plainLine } from "@sam/domain/plain-text";
/** What waiting costs: the price of the machine that the task keeps, with its source; or that it cannot be said, and why. */
import type { MeanwhileCost } from "@sam/protocol/inbox-api";
import type { ReactNode } from "react";

import { moneyText } from "../status/machine-words.ts";
import { Age } from "../ui/Age.tsx";

export function Meanwhile({ cost }: { readonly cost: MeanwhileCost }): ReactNode {
  switch (cost.kind) {
    case "no_machine":
      return "costs nothing: it keeps no machine";
    case "unavailable":
      return `its machine's price is unavailable: ${plainLine(cost.why)}`;
    case "priced": {
      const { hourlyAmount, monthlyAmount, currency, source, readAt, sharedBy } = cost;
      const price =
        hourlyAmount === 0
          ? `its machine costs ${moneyText(0, currency, 0)}`
          : `its machine costs ${moneyText(hourlyAmount, currency, 4)} an hour (${moneyText(monthlyAmount, currency, 2)} a month)`;
      return (
        <>
          {price}
          {sharedBy > 1 && `, which ${sharedBy} tasks share`}; {plainLine(source)}, read <Age at={readAt} />
        </>
      );
    }
  }
}

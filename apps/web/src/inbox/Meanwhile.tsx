/** What waiting costs: the price of the machine that the task keeps, with its source; or that it cannot be said, and why. */
import { plainLine } from "@sam/domain/plain-text";
import type { MeanwhileCost } from "@sam/protocol/inbox-api";
import type { ReactNode } from "react";

import { moneyText } from "../status/machine-words.ts";
import { Age } from "../ui/Age.tsx";

export function Meanwhile({ cost }: { readonly cost: MeanwhileCost }): ReactNode {
  switch (cost.kind) {
    case "no_machine":
      return "It keeps no machine, and costs nothing.";
    case "unavailable":
      return `Its machine's price is unavailable: ${plainLine(cost.why)}.`;
    case "priced": {
      const { hourlyAmount, monthlyAmount, currency, source, readAt, sharedBy } = cost;
      const shared = sharedBy > 1 ? `, which ${sharedBy} tasks share,` : "";
      if (hourlyAmount === 0) return `Its machine${shared} costs nothing.`;
      const hourly = moneyText(hourlyAmount, currency, 4);
      return (
        <>
          Its machine{shared} costs {hourly} an hour ({moneyText(monthlyAmount, currency, 2)} a month), as{" "}
          {plainLine(source)} said <Age at={readAt} />.
        </>
      );
    }
  }
}

/** The left side of a desktop: the places, and below them every task, densest first what needs you. */
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { pathTo } from "../path-builder.ts";
import { Icon } from "../ui/Icon.tsx";
import { railPlaces } from "./navigation.ts";
import { RailTasks } from "./RailTasks.tsx";
import { WaitingCount } from "./WaitingCount.tsx";

export function Rail(): ReactNode {
  return (
    <aside aria-label="Tasks and places" className="flex min-h-0 flex-col border-r border-line bg-raised">
      <Link {...pathTo.home()} className="flex items-center gap-2 px-4 pt-4 pb-2 text-base font-semibold no-underline">
        <img src="/icon.svg" alt="" width="24" height="24" />
        SAM
      </Link>
      <nav aria-label="Places" className="grid grid-cols-2 gap-x-1 border-b border-line px-2 pb-2">
        {railPlaces.map(({ label, icon, link, counts }) => (
          <Link
            key={link.to}
            {...link}
            activeOptions={{ exact: link.to === "/" }}
            className="flex h-9 items-center gap-2 rounded-md px-2 text-ink-quiet no-underline hover:bg-sunken data-[status=active]:bg-accent-soft data-[status=active]:font-medium data-[status=active]:text-accent"
          >
            <Icon name={icon} />
            {label}
            {counts === true && <WaitingCount />}
          </Link>
        ))}
      </nav>
      <RailTasks />
    </aside>
  );
}

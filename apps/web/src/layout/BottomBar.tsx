/** The bar at the thumb of a phone. */
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { Icon } from "../ui/Icon.tsx";
import { barPlaces } from "./navigation.ts";
import { WaitingCount } from "./WaitingCount.tsx";

export function BottomBar(): ReactNode {
  return (
    <nav aria-label="Places" className="border-t border-line bg-canvas pb-[env(safe-area-inset-bottom)]">
      <ul className="grid grid-cols-5">
        {barPlaces.map(({ label, icon, link, counts }) => (
          <li key={link.to}>
            <Link
              {...link}
              activeOptions={{ exact: link.to === "/" }}
              className="flex h-14 flex-col items-center justify-center gap-0.5 text-xs text-ink-quiet no-underline data-[status=active]:font-medium data-[status=active]:text-accent"
            >
              <Icon name={icon} />
              <span className="flex items-center gap-1">
                {label}
                {counts === true && <WaitingCount />}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

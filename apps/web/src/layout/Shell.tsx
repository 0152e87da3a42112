/**
 * The frame around every page: one column with a bar at the thumb on a phone, tasks at the left on a desktop. A page
 * whose route says `fills` lays out its own height (a conversation with a composer) and has the thumb for itself.
 */
import { Outlet, useMatches, useRouterState } from "@tanstack/react-router";
import { type ReactNode, type RefObject, useEffect, useRef } from "react";

import { useConnection } from "../api/connection.ts";
import { useInboxCount } from "../api/inbox.ts";
import { WaitingNotifier } from "../notifications/WaitingNotifier.tsx";
import { cx } from "../ui/cx.ts";
import { BottomBar } from "./BottomBar.tsx";
import { ConnectionBanner } from "./ConnectionBanner.tsx";
import { Rail } from "./Rail.tsx";
import { useShortcuts } from "./shortcuts.ts";
import { SignInNeeded } from "./SignInNeeded.tsx";
import { useTitleCount } from "./title.ts";
import { useIsDesk } from "./use-is-desk.ts";

export function Shell(): ReactNode {
  useShortcuts();
  const { signedOut } = useConnection();
  const { data: waiting } = useInboxCount(!signedOut);
  useTitleCount(waiting?.total ?? 0);
  const isDesk = useIsDesk();
  const fills = useMatches({ select: (matches) => matches.some(({ staticData }) => staticData.fills === true) });
  const main = useRef<HTMLElement>(null);
  useFocusOnNavigation(main);
  return (
    <div className="grid h-dvh grid-cols-1 grid-rows-[minmax(0,1fr)] desk:grid-cols-[17rem_minmax(0,1fr)]">
      <a
        href="#content"
        className="fixed top-2 left-2 z-50 -translate-y-20 rounded-md border border-line-strong bg-canvas px-3 py-2 focus:translate-y-0"
      >
        Skip to the content
      </a>
      {!signedOut && <WaitingNotifier />}
      {isDesk && !signedOut && <Rail />}
      <div className={cx("flex min-h-0 min-w-0 flex-col", signedOut && "desk:col-span-2")}>
        <ConnectionBanner />
        <main
          ref={main}
          id="content"
          tabIndex={-1}
          className={cx("min-h-0 flex-1 outline-none", fills && !signedOut ? "overflow-hidden" : "overflow-y-auto")}
        >
          {signedOut ? <SignInNeeded /> : <Outlet />}
        </main>
        {!isDesk && !fills && !signedOut && <BottomBar />}
      </div>
    </div>
  );
}

/** A page that is opened gets the focus, so that a keyboard and a screen reader go on from its top. */
function useFocusOnNavigation(main: RefObject<HTMLElement | null>): void {
  const pathname = useRouterState({ select: ({ location }) => location.pathname });
  const before = useRef(pathname);
  useEffect(() => {
    if (before.current === pathname) return;
    before.current = pathname;
    main.current?.scrollTo(0, 0);
    // Arrowing through the list keeps its place there.
    const inList = document.activeElement !== null && document.activeElement.closest("[data-list]") !== null;
    if (!inList) main.current?.focus({ preventScroll: true });
  }, [pathname, main]);
}

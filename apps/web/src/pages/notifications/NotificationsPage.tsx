/** How you are told that something awaits you: in this browser while a page is open, and by push while none is. */
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";

import { useNotifications } from "../../api/notifications.ts";
import { Page, Section } from "../../layout/Page.tsx";
import { QueryNotice } from "../../layout/QueryNotice.tsx";
import {
  askForNotifications,
  type NotificationState,
  useNotificationState,
} from "../../notifications/notification-permission.ts";
import { ownEndpoint } from "../../notifications/this-browser.ts";
import { setIsNotifying, useIsNotifying } from "../../notifications/wanted.ts";
import { Button } from "../../ui/Button.tsx";
import { SkeletonRows } from "../../ui/Skeleton.tsx";
import { Status } from "../../ui/Status.tsx";
import { PushSection } from "./PushSection.tsx";

export function NotificationsPage(): ReactNode {
  const state = useNotificationState();
  const query = useNotifications();
  const own = useQuery({ queryKey: ["own-endpoint", query.dataUpdatedAt], queryFn: ownEndpoint });
  return (
    <Page title="Notifications" lead="How you are told that a task awaits you.">
      <ThisBrowser state={state} />
      <QueryNotice
        query={query}
        what="Your browsers could not be listed"
        loading={<SkeletonRows label="Loading your browsers" rows={2} />}
      />
      {query.data !== undefined && (
        <PushSection notifications={query.data} state={state} ownEndpoint={own.data ?? null} />
      )}
    </Page>
  );
}

function ThisBrowser({ state }: { readonly state: NotificationState }): ReactNode {
  return (
    <Section title="While a page of SAM is open">
      {state === "unsupported" && (
        <Status meaning="unknown" word="This browser shows no notifications of pages. The tab's title has the count." />
      )}
      {state === "not_asked" && <NotAsked />}
      {state === "denied" && (
        <div className="flex flex-col gap-1">
          <Status meaning="yours" word="This browser was told not to show notifications of SAM." />
          <p className="measure text-ink-quiet">
            SAM cannot ask again. Press the sign at the left of the address, allow notifications there, and load this
            page anew. Until then the tab's title has the count.
          </p>
        </div>
      )}
      {state === "granted" && <Granted />}
    </Section>
  );
}

function NotAsked(): ReactNode {
  const [isAsking, setIsAsking] = useState(false);
  const press = async () => {
    setIsAsking(true);
    await askForNotifications();
    setIsAsking(false);
  };
  return (
    <div className="flex flex-wrap items-center gap-3">
      <p className="measure min-w-0 flex-1 basis-60">
        This browser was not asked yet. A notification says which kind of thing awaits you and where, and nothing of the
        task itself.
      </p>
      <Button kind="primary" busy={isAsking && "Asking"} onClick={() => void press()}>
        Ask this browser
      </Button>
    </div>
  );
}

function Granted(): ReactNode {
  const isWanted = useIsNotifying();
  return (
    <div className="flex flex-wrap items-center gap-3">
      <p className="measure min-w-0 flex-1 basis-60">
        {isWanted
          ? "You are told here when a task begins to await you while you look at something else."
          : "This browser allows it, and you have turned it off."}
      </p>
      <Button onClick={() => setIsNotifying(!isWanted)}>{isWanted ? "Turn it off here" : "Turn it on"}</Button>
    </div>
  );
}

/** Web Push: the browsers that are told while no page is open, each with what became of its last push. */
import { plainLine } from "@sam/domain/plain-text";
import type { NotificationsView, SubscriptionView } from "@sam/protocol/push-api";
import type { ReactNode } from "react";

import { useRemoveSubscription, useSubscribe, useTestSubscription } from "../../api/notifications.ts";
import { Section } from "../../layout/Page.tsx";
import { askForNotifications, type NotificationState } from "../../notifications/notification-permission.ts";
import { PushReceiptLine } from "../../notifications/PushReceiptLine.tsx";
import { canPush, subscribeThisBrowser, unsubscribeThisBrowser } from "../../notifications/this-browser.ts";
import { Age, Duration } from "../../ui/Age.tsx";
import { Button } from "../../ui/Button.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { Status, StatusShape } from "../../ui/Status.tsx";

export interface PushSectionProps {
  readonly notifications: NotificationsView;
  readonly state: NotificationState;
  /** The host of this browser's own push service is told apart by it; null: it is not subscribed. */
  readonly ownEndpoint: string | null;
}

export function PushSection({ notifications, state, ownEndpoint }: PushSectionProps): ReactNode {
  const { publicKey, unavailable, subscriptions } = notifications;
  return (
    <Section title="While no page is open" aside="Web Push">
      {unavailable !== null && <Status meaning="unknown" word={unavailable} />}
      {publicKey !== null && <Subscribe publicKey={publicKey} state={state} isSubscribed={ownEndpoint !== null} />}
      {subscriptions.length === 0 ? (
        <p className="text-ink-quiet">No browser is told yet.</p>
      ) : (
        <ul aria-label="Browsers that are told" className="flex flex-col divide-y divide-line">
          {subscriptions.map((subscription) => (
            <Browser key={subscription.subscriptionId} subscription={subscription} />
          ))}
        </ul>
      )}
    </Section>
  );
}

interface SubscribeProps {
  readonly publicKey: string;
  readonly state: NotificationState;
  readonly isSubscribed: boolean;
}

function Subscribe({ publicKey, state, isSubscribed }: SubscribeProps): ReactNode {
  const subscribe = useSubscribe(async () => {
    if (state === "not_asked" && (await askForNotifications()) !== "granted") {
      throw new Error("this browser was not allowed to show notifications");
    }
    await subscribeThisBrowser(publicKey);
  });
  const end = useSubscribe(unsubscribeThisBrowser);
  if (!canPush()) {
    return (
      <Status meaning="unknown" word="This browser takes no pushes. On an iPhone, add SAM to the home screen first." />
    );
  }
  return (
    <>
      {subscribe.error !== null && (
        <ErrorNotice
          what="This browser was not subscribed"
          error={subscribe.error}
          kept="While a page is open you are told all the same."
        />
      )}
      <div className="flex flex-wrap items-center gap-3">
        <p className="measure min-w-0 flex-1 basis-60">
          {isSubscribed
            ? "This browser is told by its push service, which carries it encrypted."
            : "This browser can be told by its push service, also while it has no page of SAM open."}
        </p>
        {isSubscribed ? (
          <Button busy={end.isPending && "Ending"} onClick={() => end.mutate()}>
            Stop it here
          </Button>
        ) : (
          <Button
            kind={state === "not_asked" ? "secondary" : "primary"}
            disabled={state === "denied" || state === "unsupported"}
            busy={subscribe.isPending && "Subscribing"}
            onClick={() => subscribe.mutate()}
          >
            Subscribe this browser
          </Button>
        )}
      </div>
    </>
  );
}

function Browser({ subscription }: { readonly subscription: SubscriptionView }): ReactNode {
  const { subscriptionId, browser, service, createdAt, failingSince, problem, last } = subscription;
  const test = useTestSubscription();
  const remove = useRemoveSubscription();
  const error = test.error ?? remove.error;
  return (
    <li className="flex flex-col gap-1 py-3">
      <div className="flex flex-col gap-2 tablet:flex-row tablet:items-center">
        <div className="min-w-0 flex-1">
          <p className="font-medium">{plainLine(browser)}</p>
          <p className="text-xs text-ink-quiet">
            by {plainLine(service)}, since <Age at={createdAt} />
          </p>
        </div>
        <div className="flex gap-2">
          <Button busy={test.isPending && "Sending"} onClick={() => test.mutate(subscriptionId)}>
            Send a test
          </Button>
          <Button kind="danger" busy={remove.isPending && "Removing"} onClick={() => remove.mutate(subscriptionId)}>
            Remove
          </Button>
        </div>
      </div>
      {failingSince !== null && (
        <p className="flex items-start gap-2 text-sm">
          <StatusShape meaning="unknown" className="mt-0.5" />
          <span>
            Not reached for <Duration since={failingSince} until={null} />
            {problem !== null && `: ${plainLine(problem)}`}. Pages that are open tell you all the same.
          </span>
        </p>
      )}
      {last !== null && (
        <p className="flex gap-1 text-xs text-ink-quiet">
          Last: <PushReceiptLine receipt={last} isNamed={false} />
        </p>
      )}
      {error !== null && <ErrorNotice what="It was not done" error={error} />}
    </li>
  );
}

/** Parts whose code is fetched when they are first shown: what opens over a page is no part of its first paint. */
import { type ComponentType, lazy, type ReactNode, Suspense, useState } from "react";

import { fetchPart } from "../page-part.ts";

/** What can be open or closed. */
export interface Openable {
  readonly open: boolean;
}

/**
 * @param load the import of the part. @returns a component that is nothing until it is opened, and stays from then on,
 * so that closing it gives the focus back.
 */
export function lazyWhenOpened<Props extends Openable>(
  load: () => Promise<ComponentType<Props>>,
): (props: Props) => ReactNode {
  const Part = lazy(async () => ({ default: await fetchPart(load) }));
  return function WhenOpened(props: Props): ReactNode {
    const [shown, setShown] = useState(props.open);
    if (props.open && !shown) setShown(true);
    if (!shown) return null;
    return (
      <Suspense fallback={null}>
        <Part {...props} />
      </Suspense>
    );
  };
}

/** The title of the tab says the state: the first thing that is seen of a page in the background. */
import { useEffect } from "react";

/** Sets the document's title while the page is shown, such as "● awaits you – Fix the login". */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · SAM`;
  }, [title]);
}

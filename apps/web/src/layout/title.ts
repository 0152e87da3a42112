/** The title of the tab says the state: the first thing that is seen of a page in the background. */
import { useEffect } from "react";

let shownTitle: string | null = null;
let waiting = 0;

function write(): void {
  if (shownTitle !== null) document.title = `${waiting > 0 ? `(${waiting}) ` : ""}${shownTitle} · SAM`;
}

/** Sets the document's title while the page is shown, such as "(2) awaits you – Fix the login". */
export function useTitle(title: string): void {
  useEffect(() => {
    shownTitle = title;
    write();
  }, [title]);
}

/** How many tasks await you stands in front of every title. */
export function useTitleCount(count: number): void {
  useEffect(() => {
    waiting = count;
    write();
  }, [count]);
}

/**
 * The keys that work on every page. `/` goes to the field with `data-slash` (the composer of a page comes before the
 * filter of the list), and the arrows move between the elements with `data-list-item` of one `data-list`.
 */
import { useEffect } from "react";

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
}

function focusSlash(): boolean {
  const inPage = document.querySelectorAll<HTMLElement>("main [data-slash]");
  const fields = [...inPage, ...document.querySelectorAll<HTMLElement>("[data-slash]")];
  const field = fields.find((candidate) => candidate.offsetParent !== null);
  field?.focus();
  return field !== undefined;
}

function moveInList(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  const item = target.closest("[data-list-item]");
  const list = item?.closest("[data-list]");
  if (!item || !list) return false;
  const items = [...list.querySelectorAll<HTMLElement>("[data-list-item]")].filter(
    ({ offsetParent }) => offsetParent !== null,
  );
  const index = items.findIndex((candidate) => candidate === item);
  const next = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: items.length - 1 }[key];
  const found = next === undefined ? undefined : items[next];
  found?.focus();
  return found !== undefined;
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = isTyping(event.target);
  const done = event.key === "/" && !typing ? focusSlash() : !typing && moveInList(event.target, event.key);
  if (done) event.preventDefault();
  if (event.key === "Escape" && typing && event.target instanceof HTMLElement) event.target.blur();
}

/** Listens while the shell is shown. */
export function useShortcuts(): void {
  useEffect(() => {
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
}

/** The tab's icon says the state, in the shape that it has on the page, so that a tab in the background can be read. */
import { useEffect } from "react";

import type { Meaning } from "../status/meaning.ts";

const usual = "/icon.svg";

/** A tab may be light or dark: the colours stand out on both. */
const shapes: Readonly<Record<Meaning, string>> = {
  done: '<circle cx="8" cy="8" r="7" fill="#2a9a55"/><path d="M4.8 8.2 7 10.4l4.2-4.6" fill="none" stroke="#fff" stroke-width="1.8"/>',
  active:
    '<circle cx="8" cy="8" r="6" fill="none" stroke="#3b82f6" stroke-width="2.4"/><path d="M8 4.5a3.5 3.5 0 0 1 0 7z" fill="#3b82f6"/>',
  yours:
    '<path d="M8 .8 15.2 8 8 15.2.8 8z" fill="#d98a00"/><path d="M8 4.6v4M8 11v.01" stroke="#fff" stroke-width="1.8" stroke-linecap="round"/>',
  failed:
    '<rect x="1" y="1" width="14" height="14" rx="2" fill="#d13a30"/><path d="M5.2 5.2l5.6 5.6M10.8 5.2l-5.6 5.6" stroke="#fff" stroke-width="1.8"/>',
  unknown: '<circle cx="8" cy="8" r="6" fill="none" stroke="#8a8f98" stroke-width="2.4" stroke-dasharray="2.6 2.1"/>',
};

/** Shows the meaning in the tab while the page is there; null leaves the usual icon. */
export function useFavicon(meaning: Meaning | null): void {
  useEffect(() => {
    const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
    if (link === null || meaning === null) return undefined;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">${shapes[meaning]}</svg>`;
    link.href = `data:image/svg+xml,${encodeURIComponent(svg)}`;
    return () => {
      link.href = usual;
    };
  }, [meaning]);
}

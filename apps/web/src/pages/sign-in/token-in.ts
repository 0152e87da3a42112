/** @returns the token behind the `#` of a link or of a fragment, or null where there is none. */
export function tokenIn(link: string): string | null {
  const token = link.slice(link.indexOf("#") + 1).trim();
  return link.includes("#") && token !== "" ? token : null;
}

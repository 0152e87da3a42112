/** Where a link in an agent's text leads: told before it is followed. Only places of the web and mail addresses are links. */

export interface LinkTarget {
  readonly href: string;
  /** In its letters as they are sent, so that no letter passes for another: `xn--…` for all but ASCII. */
  readonly host: string;
}

/** @returns null for what is no link here: scripts, data, files, and places inside this page. */
export function linkTarget(text: unknown): LinkTarget | null {
  if (typeof text !== "string" || !/^\s*(?:https?:\/\/|mailto:)/i.test(text)) return null;
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  switch (url.protocol) {
    case "http:":
    case "https:":
      // A name before the host is there to be taken for it.
      url.username = "";
      url.password = "";
      return { href: url.href, host: url.host };
    case "mailto:":
      return { href: url.href, host: url.pathname.slice(url.pathname.lastIndexOf("@") + 1) };
    default:
      return null;
  }
}

/**
 * What the page may do. It shows texts that agents write, so whatever such a text becomes, it runs no script, loads
 * nothing from elsewhere, and is framed by nobody.
 */

/** @returns the headers of every answer outside of the API. */
export function pageHeaders(url: URL): [name: string, value: string][] {
  return [
    ["content-security-policy", contentPolicy(url)],
    ["x-content-type-options", "nosniff"],
    ["referrer-policy", "no-referrer"],
    ["cross-origin-opener-policy", "same-origin"],
    ["cross-origin-resource-policy", "same-origin"],
    ["permissions-policy", "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"],
    ["x-frame-options", "DENY"],
  ];
}

function contentPolicy(url: URL): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    // Components place themselves by style attributes.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    `connect-src 'self'${socketsOf(url)}`,
    "worker-src 'self' blob:",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** Not every browser takes `'self'` for our own WebSockets, too. */
function socketsOf({ protocol, host }: URL): string {
  if (!/^[\w.-]+(:\d+)?$/.test(host)) return "";
  return ` ${protocol === "https:" ? "wss" : "ws"}://${host}`;
}

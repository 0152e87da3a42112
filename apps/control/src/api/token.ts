/** Secrets of our own that prove who calls: drawn here, kept as SHA-256 hashes, compared by looking the hash up. */

/** @returns 256 random bits as base64url, 43 characters. */
export function drawToken(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

/** @returns the SHA-256 of the token's UTF-8, in lower-case hex. */
export async function hashToken(token: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @returns the bearer token of a request, or null. */
export function bearerOf(request: Request): string | null {
  const match = /^Bearer ([\w.~+/=-]{16,512})$/.exec(request.headers.get("authorization") ?? "");
  return match?.[1] ?? null;
}

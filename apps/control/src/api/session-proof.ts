/**
 * The half of a session that no cookie carries. A browser sends a cookie to every port of its host, so whoever listens on
 * another one has it; the proof stands in the page's own storage, and comes along only where the page sends it.
 */
import { proofHeader, proofProtocolPrefix, streamProtocol } from "@sam/protocol/session-api";

import { isUpgrade } from "./own-origin.ts";

const proofPattern = /^[\w-]{43}$/;

/** @returns the proof of a request, or null where it carries none. */
export function proofOf(request: Request): string | null {
  const proof = isUpgrade(request) ? offeredProof(request) : request.headers.get(proofHeader);
  return proof !== null && proofPattern.test(proof) ? proof : null;
}

/** @returns the answer to an upgrade, which selects the subprotocol that a page offers beside its proof. */
export function acceptUpgrade(request: Request, webSocket: WebSocket): Response {
  const headers = new Headers();
  // A browser gives a socket up that selects nothing of what it offered.
  if (offeredProtocols(request).includes(streamProtocol)) headers.set("sec-websocket-protocol", streamProtocol);
  return new Response(null, { status: 101, webSocket, headers });
}

function offeredProof(request: Request): string | null {
  const offered = offeredProtocols(request).find((name) => name.startsWith(proofProtocolPrefix));
  return offered?.slice(proofProtocolPrefix.length) ?? null;
}

function offeredProtocols(request: Request): string[] {
  return (request.headers.get("sec-websocket-protocol") ?? "").split(",").map((name) => name.trim());
}

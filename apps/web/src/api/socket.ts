/** Opens a WebSocket of the API. It cannot send headers, so the proof goes along as a subprotocol. */
import { proofProtocolPrefix, streamProtocol } from "@sam/protocol/session-api";

import { keptProof } from "./proof.ts";

/** @param path with its query; of this page's own origin. */
export function openSocket(path: string): WebSocket {
  const { protocol, host } = window.location;
  const proof = keptProof();
  const offered = proof === null ? [streamProtocol] : [streamProtocol, proofProtocolPrefix + proof];
  return new WebSocket(`${protocol === "https:" ? "wss" : "ws"}://${host}${path}`, offered);
}

/**
 * A remote is the place that a repository came from, as git is to reach it from this node. A path of the user's machine
 * is reached through the git relay where there is one (the node then does not see that machine's files), else directly.
 */
import { isAbsolute } from "node:path";
import { fileURLToPath } from "node:url";

import { passageAddress, passageTransport } from "./relay-passage.ts";

/** How to reach the machine's own repositories from inside a sandbox. */
export interface GitRelay {
  /** Path of the relay's unix socket. */
  readonly socket: string;
}

export type Remote = {
  /** As the command gave it, and as the workspace's `origin` says it. */
  readonly url: string;
  /** What git is given. */
  readonly address: string;
  readonly transports: readonly string[];
  readonly env: Readonly<Record<string, string>>;
} & (
  | { readonly kind: "path"; readonly path: string }
  | { readonly kind: "relay"; readonly path: string; readonly relay: GitRelay }
  | { readonly kind: "http" | "ssh" }
);

/** The address is of a form that is never handed to git, such as `ext::` or one that reads as an option. */
export class UnusableAddress extends Error {}

const sshWithoutQuestions = "ssh -o BatchMode=yes -o ConnectTimeout=15 -o ServerAliveInterval=15";

/** @throws UnusableAddress */
export function remoteOf(url: string, relay: GitRelay | null): Remote {
  const path = pathOf(url);
  if (path !== null) {
    if (relay === null) return { kind: "path", url, path, address: path, transports: ["file"], env: {} };
    return { kind: "relay", url, path, relay, address: passageAddress, transports: [passageTransport], env: {} };
  }
  if (/^https?:\/\/[^\s]+$/i.test(url))
    return { kind: "http", url, address: url, transports: ["http", "https"], env: {} };
  if (/^ssh:\/\/[^\s-][^\s]*$/i.test(url) || /^[^\s:/@-][^\s:/@]*@?[^\s:/@]*:(?!\/\/)[^\s:-][^\s]*$/.test(url)) {
    const env = { GIT_SSH_COMMAND: process.env["GIT_SSH_COMMAND"] ?? sshWithoutQuestions };
    return { kind: "ssh", url, address: url, transports: ["ssh"], env };
  }
  throw new UnusableAddress("neither an absolute path nor an http, https or ssh URL");
}

function pathOf(url: string): string | null {
  if (isAbsolute(url) && !url.includes("\0")) return url;
  try {
    return /^file:\/\/\//i.test(url) ? fileURLToPath(url) : null;
  } catch {
    return null;
  }
}

/**
 * A probe says why a remote could not be read, by structure: an HTTP status, an errno, the relay's word. It is asked only
 * after git has failed, so it costs nothing where all is well.
 */
import { accessSync, constants, statSync } from "node:fs";
import { join } from "node:path";

import type { FailureReason } from "@sam/domain/failure-reason";

import { messageOf } from "../clipped-text.ts";
import { errnoOf } from "../errno.ts";
import { askRelay, type RelayAnswer } from "./relay-client.ts";
import type { GitRelay, Remote } from "./remote.ts";

export interface ProbeResult {
  readonly reason: FailureReason;
  readonly retryable: boolean;
  readonly evidence: string;
}

export type GitService = "git-upload-pack" | "git-receive-pack";

const timeoutMs = 15_000;

/** @returns why; `repository_unreachable` where the place itself looks well. */
export async function probeRemote(remote: Remote, service: GitService, signal: AbortSignal): Promise<ProbeResult> {
  switch (remote.kind) {
    case "http":
      return await probeHttp(remote.url, service, signal);
    case "path":
      return probePath(remote.path, service);
    case "relay":
      return await probeRelay(remote.path, remote.relay);
    case "ssh":
      return unreachable("the ssh transport says no more than git's own words");
  }
}

async function probeHttp(url: string, service: GitService, signal: AbortSignal): Promise<ProbeResult> {
  const place = new URL(url);
  const authorization = basicAuthorization(place);
  place.username = "";
  place.password = "";
  const target = `${place.href.replace(/\/+$/, "")}/info/refs?service=${service}`;
  try {
    const response = await fetch(target, {
      headers: { "user-agent": "git/2 (SAM)", ...authorization },
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    await response.body?.cancel();
    return byStatus(response.status, target);
  } catch (error) {
    signal.throwIfAborted();
    const cause = error instanceof Error && error.cause !== undefined ? errnoOf(error.cause) : null;
    return unreachable(`GET ${target}: ${cause ?? messageOf(error)}`);
  }
}

function byStatus(status: number, target: string): ProbeResult {
  const evidence = `GET ${target} was answered with ${status}`;
  if (status === 401 || status === 403) return { reason: "repository_auth_required", retryable: false, evidence };
  if (status === 404 || status === 410) return { reason: "repository_not_found", retryable: false, evidence };
  return unreachable(evidence);
}

function probePath(path: string, service: GitService): ProbeResult {
  const needed = service === "git-receive-pack" ? constants.R_OK | constants.W_OK : constants.R_OK;
  try {
    if (!statSync(path).isDirectory()) return notFound(`${path} is not a directory`);
    accessSync(path, needed | constants.X_OK);
    const gitDir = [path, join(path, ".git"), `${path}.git`].find((folder) => isGitDirectory(folder));
    if (gitDir === undefined) return notFound(`${path} holds no git repository`);
    accessSync(join(gitDir, "objects"), needed | constants.X_OK);
    return unreachable(`${path} is a git repository and may be read`);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "ENOENT" || errno === "ENOTDIR") return notFound(`${path}: ${errno}`);
    if (errno === "EACCES" || errno === "EPERM") {
      return { reason: "repository_auth_required", retryable: false, evidence: `${path}: ${errno}` };
    }
    return unreachable(`${path}: ${errno ?? messageOf(error)}`);
  }
}

function isGitDirectory(folder: string): boolean {
  const isThere = (name: string) => statSync(join(folder, name), { throwIfNoEntry: false }) !== undefined;
  return isThere("HEAD") && isThere("objects") && isThere("refs");
}

async function probeRelay(path: string, relay: GitRelay): Promise<ProbeResult> {
  try {
    const { answer } = await askRelay(relay.socket, { service: "probe", path, gitProtocol: null });
    return byRelay(answer, path);
  } catch (error) {
    return unreachable(`the git relay did not answer: ${messageOf(error)}`);
  }
}

function byRelay({ status, message }: RelayAnswer, path: string): ProbeResult {
  const evidence = `the machine host says of ${path}: ${status} ${message}`.trim();
  switch (status) {
    case "not_found":
    case "not_a_repository":
      return notFound(evidence);
    case "permission_denied":
      return { reason: "repository_auth_required", retryable: false, evidence };
    case "not_attached":
    case "bad_request":
      return { ...unreachable(evidence), retryable: false };
    case "ok":
      return unreachable(evidence);
  }
}

function basicAuthorization(place: URL): Record<string, string> {
  if (place.username === "" && place.password === "") return {};
  const pair = `${decodeURIComponent(place.username)}:${decodeURIComponent(place.password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString("base64")}` };
}

function notFound(evidence: string): ProbeResult {
  return { reason: "repository_not_found", retryable: false, evidence };
}

function unreachable(evidence: string): ProbeResult {
  return { reason: "repository_unreachable", retryable: true, evidence };
}

/**
 * The page: everything outside of `/api`. The files are the build's; a path that is none of them is a place inside the
 * page, whose own routes decide what is there.
 */
import { ApiError, problemResponse } from "../api/problem-response.ts";
import type { Env } from "../env.ts";
import { within } from "../lifecycle/deadline.ts";
import { pageHeaders } from "./page-headers.ts";

const filesTimeoutMs = 10_000;
const entry = "/index.html";

/** @returns whether a path is the page's, and not the API's. */
export function isOfPage(path: string): boolean {
  return path !== "/api" && !path.startsWith("/api/");
}

export async function servePage(env: Env, request: Request): Promise<Response> {
  if (request.method !== "GET" && request.method !== "HEAD") return withHeaders(noSuch(request), request, false);
  if (env.ASSETS === undefined) return withHeaders(noSuch(request), request, false);
  const elsewhere = properName(env, request);
  if (elsewhere !== null) return withHeaders(Response.redirect(elsewhere.href, 307), request, false);
  const { pathname } = new URL(request.url);
  const wanted = pathname === "/" ? entry : pathname;
  const file = await fileAt(env.ASSETS, request, wanted);
  if (file.status !== 404) return withHeaders(file, request, isHashed(wanted));
  await file.body?.cancel();
  if (!isPlace(wanted)) return withHeaders(noSuch(request), request, false);
  return withHeaders(await fileAt(env.ASSETS, request, entry), request, false);
}

/**
 * On a person's own machine `localhost` is also `[::1]`, where SAM does not listen and any other program may. The page has
 * one name there, so that what it keeps is never kept for an origin that another program can be.
 */
function properName({ PROVIDER }: Env, { url }: Request): URL | null {
  const proper = new URL(url);
  if (PROVIDER !== "local" || (proper.hostname !== "localhost" && proper.hostname !== "[::1]")) return null;
  proper.hostname = "127.0.0.1";
  return proper;
}

/** Only the path and what a cache knows: no cookie and no query is handed on. */
function fileAt(files: NonNullable<Env["ASSETS"]>, request: Request, path: string): Promise<Response> {
  const known = request.headers.get("if-none-match");
  const headers = new Headers(known === null ? {} : { "if-none-match": known });
  const asked = new Request(new URL(path, request.url), { method: request.method, headers });
  return within("the files of the page", filesTimeoutMs, files.fetch(asked));
}

/** A file has an extension in its name; a place in the page has none. */
function isPlace(path: string): boolean {
  return !isHashed(path) && !/\.[a-z0-9]+$/i.test(path);
}

/** The build puts the hash of its content into a file's name, so that name never means another content. */
function isHashed(path: string): boolean {
  return path.startsWith("/assets/");
}

function noSuch({ method, url }: Request): Response {
  return problemResponse(new ApiError("not_found", `There is no ${method} ${new URL(url).pathname} here.`));
}

function withHeaders(response: Response, request: Request, hashed: boolean): Response {
  const headers = new Headers(response.headers);
  for (const [name, value] of pageHeaders(new URL(request.url))) headers.set(name, value);
  headers.set("cache-control", cachingOf(response, hashed));
  const { status, body } = response;
  return new Response(status === 304 ? null : body, { status, headers });
}

/** The entry names the files of the present build, so it must be asked for each time. */
function cachingOf({ status, headers }: Response, hashed: boolean): string {
  if (hashed && (status === 200 || status === 304)) return "public, max-age=31536000, immutable";
  return headers.get("content-type")?.startsWith("text/html") === true || status >= 400 ? "no-store" : "no-cache";
}

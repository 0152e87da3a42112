/** The part of the page that sets diffs, asked for when it is needed. */
import { lazy } from "react";

import { fetchPart } from "../page-part.ts";

const load = () => fetchPart(() => import("./PatchView.tsx"));

export const LazyPatchView = lazy(async () => ({ default: (await load()).PatchView }));
export const LazyVersionsView = lazy(async () => ({ default: (await load()).VersionsView }));

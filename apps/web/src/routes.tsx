/** The map of the page: every URL, and what is shown there. A page is loaded when it is first opened. */
import { projectIdSchema, taskIdSchema } from "@sam/protocol/ids";
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  notFound,
  Outlet,
} from "@tanstack/react-router";
import { z } from "zod";

import { PageError, PageNotFound } from "./layout/PageError.tsx";
import { PagePending } from "./layout/PagePending.tsx";
import { Shell } from "./layout/Shell.tsx";
import { fetchPart } from "./page-part.ts";

declare module "@tanstack/react-router" {
  interface StaticDataRouteOption {
    /** The page lays out its own height, and has the thumb for itself. */
    readonly fills?: boolean;
  }
  interface Register {
    router: ReturnType<typeof createPageRouter>;
  }
}

/** An id in the address that is of the wrong shape names nothing; it is no failure of the page. */
function idIn<Id>(schema: z.ZodType<Id>, text: string): Id {
  const parsed = schema.safeParse(text);
  if (parsed.success) return parsed.data;
  notFound({ throw: true });
  throw parsed.error;
}

const rootRoute = createRootRoute({ component: Outlet });

/** Where a link leads once it has signed in: to a task, or home. */
const signInSearchSchema = z.object({ task: taskIdSchema.optional().catch(undefined) });

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sign-in",
  validateSearch: signInSearchSchema,
  component: lazyRouteComponent(() => fetchPart(() => import("./pages/sign-in/SignInPage.tsx")), "SignInPage"),
});

const shellRoute = createRoute({ getParentRoute: () => rootRoute, id: "shell", component: Shell });

const homeRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/",
  component: lazyRouteComponent(() => fetchPart(() => import("./pages/home/HomePage.tsx")), "HomePage"),
});

const inboxRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/inbox",
  component: lazyRouteComponent(() => fetchPart(() => import("./pages/inbox/InboxPage.tsx")), "InboxPage"),
});

const projectsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/projects",
  component: lazyRouteComponent(() => fetchPart(() => import("./pages/projects/ProjectsPage.tsx")), "ProjectsPage"),
});

/** Which view of a project is shown; left out: its tasks. */
const projectSearchSchema = z.object({ view: z.enum(["tasks", "settings"]).default("tasks").catch("tasks") });

const projectRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/projects/$projectId",
  params: { parse: ({ projectId }) => ({ projectId: idIn(projectIdSchema, projectId) }) },
  validateSearch: projectSearchSchema,
  component: lazyRouteComponent(() => fetchPart(() => import("./pages/project/ProjectPage.tsx")), "ProjectPage"),
});

/** What stands in front of a task's conversation (left out: nothing), and the moment that is shown (left out: now). */
const taskSearchSchema = z.object({
  show: z.enum(["proof", "diff"]).optional().catch(undefined),
  asOf: z.number().int().positive().optional().catch(undefined),
});

const taskRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/tasks/$taskId",
  params: { parse: ({ taskId }) => ({ taskId: idIn(taskIdSchema, taskId) }) },
  validateSearch: taskSearchSchema,
  staticData: { fills: true },
  component: lazyRouteComponent(() => fetchPart(() => import("./pages/task/TaskPage.tsx")), "TaskPage"),
});

const nodesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/nodes",
  component: lazyRouteComponent(() => fetchPart(() => import("./pages/nodes/NodesPage.tsx")), "NodesPage"),
});

const agentsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/agents",
  component: lazyRouteComponent(() => fetchPart(() => import("./pages/agents/AgentsPage.tsx")), "AgentsPage"),
});

const secretsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/secrets",
  component: lazyRouteComponent(() => fetchPart(() => import("./pages/secrets/SecretsPage.tsx")), "SecretsPage"),
});

const auditRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/audit",
  component: lazyRouteComponent(() => fetchPart(() => import("./pages/audit/AuditPage.tsx")), "AuditPage"),
});

const savedRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/saved",
  component: lazyRouteComponent(() => fetchPart(() => import("./pages/saved/SavedPage.tsx")), "SavedPage"),
});

const notificationsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/notifications",
  component: lazyRouteComponent(
    () => fetchPart(() => import("./pages/notifications/NotificationsPage.tsx")),
    "NotificationsPage",
  ),
});

const moreRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/more",
  component: lazyRouteComponent(() => fetchPart(() => import("./pages/more/MorePage.tsx")), "MorePage"),
});

/** Only on a person's own machine is there anything on it. */
const breakRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: "/break",
  component: lazyRouteComponent(() => fetchPart(() => import("./pages/break/BreakPage.tsx")), "BreakPage"),
});

/** An address that is none of ours, with the frame around it. */
const elsewhereRoute = createRoute({ getParentRoute: () => shellRoute, path: "$", component: PageNotFound });

const routeTree = rootRoute.addChildren([
  signInRoute,
  shellRoute.addChildren([
    homeRoute,
    inboxRoute,
    projectsRoute,
    projectRoute,
    taskRoute,
    nodesRoute,
    agentsRoute,
    secretsRoute,
    auditRoute,
    savedRoute,
    notificationsRoute,
    moreRoute,
    breakRoute,
    elsewhereRoute,
  ]),
]);

/** Makes the router of the page; a test gives it a history of its own. */
export function createPageRouter() {
  return createRouter({
    routeTree,
    defaultErrorComponent: PageError,
    defaultNotFoundComponent: PageNotFound,
    defaultPendingComponent: PagePending,
    defaultPendingMs: 300,
    defaultPreload: "intent",
    scrollRestoration: false,
  });
}

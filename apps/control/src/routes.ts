/** The map of the API. A new noun is a new folder and one line here. */
import { isId } from "@sam/domain/ids";
import { proofHeader } from "@sam/protocol/session-api";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import { z } from "zod";

import { agentRoutes } from "./agent/agent-routes.ts";
import { answerHeaders } from "./api/answer-headers.ts";
import { createApiApp } from "./api/api-app.ts";
import { requireKnownHost } from "./api/known-host.ts";
import { ApiError, invalidInput, problemResponse } from "./api/problem-response.ts";
import { requireSession } from "./api/session.ts";
import { auditRoutes } from "./audit/audit-routes.ts";
import { breakageRoutes } from "./breakage/breakage-routes.ts";
import { ConfigurationError, extraAgentsOf, outagesOf, settingsOf } from "./env.ts";
import { inboxRoutes } from "./inbox/inbox-routes.ts";
import { ledgerRoutes } from "./ledger/ledger-routes.ts";
import { deadlineIn } from "./lifecycle/deadline.ts";
import { dialIn } from "./node/node-dial-in.ts";
import { nodeRoutes } from "./node/node-routes.ts";
import { projectRoutes } from "./project/project-routes.ts";
import { pushRoutes, pushSeenRoutes } from "./push/push-routes.ts";
import { recordRoutes } from "./record/record-routes.ts";
import { savedWorkRoutes } from "./saved/saved-routes.ts";
import { readSecretsKeys } from "./secret/secret-keys.ts";
import { secretRoutes } from "./secret/secret-routes.ts";
import { sessionRoutes, signInLinkRoutes, signInRoutes } from "./session/session-routes.ts";
import { sweepRoutes } from "./sweep/sweep-routes.ts";
import { report } from "./system/report.ts";
import { systemRoutes } from "./system/system-routes.ts";
import { conversationRoutes } from "./task/conversation-routes.ts";
import { taskRoutes } from "./task/task-routes.ts";
import { userRequestRoutes } from "./task/user-request-routes.ts";
import { isOfPage, servePage } from "./web/page.ts";

/** Above any valid request: a prompt of 64 KB, escaped as JSON, and its fields. */
const maxBodyBytes = 512 * 1024;

export const api = createApiApp();

// With a bad setting nothing works by itself later: it is said at the first request, which the launcher makes.
api.use("*", async (context, next) => {
  settingsOf(context.env);
  outagesOf(context.env);
  extraAgentsOf(context.env);
  readSecretsKeys(context.env);
  await next();
});
api.use("*", requireKnownHost);
api.use("/api/*", answerHeaders);

// Without a session: liveness, and the nodes, who prove themselves by a token of their own; and signing in.
api.get("/api/health", (context) => context.json({ ok: true, version: context.env.SAM_VERSION }));
api.get("/api/node-channel/:nodeId", async (context) => {
  const nodeId = context.req.param("nodeId");
  return isId("node", nodeId) ? dialIn(context.env, nodeId, context.req.raw) : new Response(null, { status: 401 });
});

api.use(
  "/api/*",
  bodyLimit({
    maxSize: maxBodyBytes,
    onError: () => problemResponse(new ApiError("payload_too_large", `A request is at most ${maxBodyBytes} bytes.`)),
  }),
);
// A service worker has no session: what it proves is the push that it was given.
api.route("/api/push-receipts", pushSeenRoutes);
api.route("/api/session", signInRoutes);
api.use("/api/*", requireSession);
api.route("/api/session", sessionRoutes);
api.route("/api/sign-in-links", signInLinkRoutes);
api.route("/api/tasks", taskRoutes);
api.route("/api/tasks", userRequestRoutes);
api.route("/api/tasks", conversationRoutes);
api.route("/api/tasks", recordRoutes);
api.route("/api/saved-work", savedWorkRoutes);
api.route("/api/inbox", inboxRoutes);
api.route("/api/notifications", pushRoutes);
api.route("/api/nodes", nodeRoutes);
api.route("/api/ledger", ledgerRoutes);
api.route("/api/projects", projectRoutes);
api.route("/api/agents", agentRoutes);
api.route("/api/secrets", secretRoutes);
api.route("/api/system", systemRoutes);
api.route("/api/audit", auditRoutes);
api.route("/api/breakages", breakageRoutes);
api.route("/api/sweeps", sweepRoutes);
api.openAPIRegistry.registerComponent("securitySchemes", "token", { type: "http", scheme: "bearer" });
api.openAPIRegistry.registerComponent("securitySchemes", "session", {
  type: "apiKey",
  in: "cookie",
  name: "sam_session",
});
api.openAPIRegistry.registerComponent("securitySchemes", "proof", { type: "apiKey", in: "header", name: proofHeader });
api.doc31("/api/openapi.json", (context) => ({
  openapi: "3.1.0",
  info: { title: "SAM", version: context.env.SAM_VERSION },
  security: [{ token: [] }, { session: [], proof: [] }],
}));

api.notFound((context) => {
  const { req, env } = context;
  if (isOfPage(req.path)) return servePage(env, req.raw);
  return problemResponse(new ApiError("not_found", `There is no ${req.method} ${req.path} here.`));
});
api.onError((error) => {
  if (error instanceof ApiError) return problemResponse(error);
  if (error instanceof z.ZodError) return problemResponse(invalidInput(error));
  if (error instanceof HTTPException && error.status < 500) {
    return problemResponse(new ApiError("invalid_input", error.message || "The body is not JSON."));
  }
  report("request", error);
  if (error instanceof ConfigurationError) {
    return problemResponse(new ApiError("internal", `${error.message}. Correct it and start again.`));
  }
  const late = deadlineIn(error);
  if (late !== null) {
    return problemResponse(new ApiError("unavailable", `${late.message}. What was accepted goes on; try again.`));
  }
  return problemResponse(new ApiError("internal", "The request could not be carried out; the log says why."));
});

/**
 * Names every link of the page and every route of the API. `<Link {...pathTo.task(taskId)}>` is checked against the
 * routes by its type, and the test beside this file holds each of these against the map.
 */
import type { NodeId, ProjectId, TaskId } from "@sam/domain/ids";

export const pathTo = {
  home: () => ({ to: "/" }) as const,
  signIn: () => ({ to: "/sign-in" }) as const,
  inbox: () => ({ to: "/inbox" }) as const,
  projects: () => ({ to: "/projects" }) as const,
  project: (projectId: ProjectId) => ({ to: "/projects/$projectId", params: { projectId } }) as const,
  task: (taskId: TaskId) => ({ to: "/tasks/$taskId", params: { taskId } }) as const,
  /** The task as it was at a moment, in milliseconds since 1970. */
  taskAsOf: (taskId: TaskId, asOf: number) => ({ to: "/tasks/$taskId", params: { taskId }, search: { asOf } }) as const,
  nodes: () => ({ to: "/nodes" }) as const,
  agents: () => ({ to: "/agents" }) as const,
  secrets: () => ({ to: "/secrets" }) as const,
  audit: () => ({ to: "/audit" }) as const,
  saved: () => ({ to: "/saved" }) as const,
  notifications: () => ({ to: "/notifications" }) as const,
  more: () => ({ to: "/more" }) as const,
  break: () => ({ to: "/break" }) as const,
};

export const apiPath = {
  session: "/api/session",
  system: "/api/system",
  tasks: "/api/tasks",
  task: (taskId: TaskId) => `/api/tasks/${taskId}`,
  messages: (taskId: TaskId) => `/api/tasks/${taskId}/messages`,
  asOf: (taskId: TaskId) => `/api/tasks/${taskId}/as-of`,
  transitions: (taskId: TaskId) => `/api/tasks/${taskId}/transitions`,
  stream: (taskId: TaskId) => `/api/tasks/${taskId}/stream`,
  answers: (taskId: TaskId) => `/api/tasks/${taskId}/answers`,
  interrupt: (taskId: TaskId) => `/api/tasks/${taskId}/interrupt`,
  cancel: (taskId: TaskId) => `/api/tasks/${taskId}/cancel`,
  deliver: (taskId: TaskId) => `/api/tasks/${taskId}/deliver`,
  savedWork: "/api/saved-work",
  discardSaved: (taskId: TaskId) => `/api/saved-work/${taskId}`,
  inbox: "/api/inbox",
  inboxCount: "/api/inbox/count",
  notifications: "/api/notifications",
  subscriptions: "/api/notifications/subscriptions",
  subscription: (subscriptionId: string) => `/api/notifications/subscriptions/${encodeURIComponent(subscriptionId)}`,
  testSubscription: (subscriptionId: string) =>
    `/api/notifications/subscriptions/${encodeURIComponent(subscriptionId)}/test`,
  projects: "/api/projects",
  project: (projectId: ProjectId) => `/api/projects/${projectId}`,
  nodes: "/api/nodes",
  destroyNode: (nodeId: NodeId) => `/api/nodes/${nodeId}/destroy`,
  agents: "/api/agents",
  agentSettings: (agentId: string) => `/api/agents/${encodeURIComponent(agentId)}/settings`,
  checkAgent: (agentId: string) => `/api/agents/${encodeURIComponent(agentId)}/check`,
  audit: "/api/audit",
  secrets: "/api/secrets",
  breakages: "/api/breakages",
  secret: (name: string) => `/api/secrets/${encodeURIComponent(name)}`,
};

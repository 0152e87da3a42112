/**
 * The runbook agent answers the Agent Client Protocol: it maps each method to the session that it names, and refuses what
 * it does not understand with the field that is wrong.
 */
import {
  agent,
  methods,
  PROTOCOL_VERSION,
  RequestError,
  type AgentApp,
  type AgentContext,
  type RequestPermissionRequest,
  type SessionModeState,
} from "@agentclientprotocol/sdk";
import * as z from "zod";

import packageJson from "../package.json" with { type: "json" };
import { arrivalOf } from "./arrival-order.ts";
import { modeSchema, type Mode } from "./journal-record.ts";
import type { SessionStore } from "./session-store.ts";
import type { Answer, SessionClient } from "./session.ts";
import { reasonOf } from "./wording.ts";

const newSessionMeta = z.object({ "sam.dev/permission": modeSchema.optional() });
const promptMeta = z.object({ "sam.dev/resume": z.boolean().optional() });

const ANSWERS: readonly { optionId: Answer; name: string; kind: "allow_once" | "allow_always" | "reject_once" }[] = [
  { optionId: "once", name: "Run this block", kind: "allow_once" },
  { optionId: "always", name: "Run this and all further blocks of the session", kind: "allow_always" },
  { optionId: "reject", name: "Do not run it", kind: "reject_once" },
];

/** The agent, ready to be connected to a stream that `stampArrivals` has gone over. */
export function runbookAgent(store: SessionStore): AgentApp {
  return agent({ name: "runbook" })
    .onRequest(methods.agent.initialize, () => ({
      protocolVersion: PROTOCOL_VERSION,
      agentInfo: { name: "runbook", title: "Runbook", version: packageJson.version },
      agentCapabilities: { loadSession: true, sessionCapabilities: { close: {} } },
      authMethods: [],
    }))
    .onRequest(methods.agent.session.new, async ({ params, client }) => {
      const mode = parseMeta(newSessionMeta, params._meta)["sam.dev/permission"] ?? "run";
      const session = await store.create(params.cwd, mode, sessionClient(client));
      return { sessionId: session.sessionId, modes: modesOf(session.state.mode) };
    })
    .onRequest(methods.agent.session.load, async ({ params, client }) => {
      const mode = parseMeta(newSessionMeta, params._meta)["sam.dev/permission"];
      const session = await store.load(params.sessionId, params.cwd, sessionClient(client));
      await session.setMode(mode ?? session.state.mode).catch(internal);
      return { modes: modesOf(session.state.mode) };
    })
    .onRequest(methods.agent.session.setMode, async ({ params }) => {
      const session = store.get(params.sessionId);
      const mode = modeSchema.safeParse(params.modeId);
      if (!mode.success) {
        const details = `"${params.modeId}" is not a mode. The modes are run and ask.`;
        throw RequestError.invalidParams({ field: "modeId", details }, details);
      }
      await session.setMode(mode.data).catch(internal);
    })
    .onRequest(methods.agent.session.prompt, async ({ params, signal }) => {
      const session = store.get(params.sessionId);
      const isResumption = parseMeta(promptMeta, params._meta)["sam.dev/resume"] ?? false;
      if (session.isBusy) {
        const details = "This session is carrying out a prompt. Cancel it, or wait for its end.";
        throw RequestError.invalidRequest({ field: "sessionId", details }, details);
      }
      return session.prompt({ content: params.prompt, isResumption, arrival: arrivalOf(params._meta) }, signal);
    })
    .onRequest(methods.agent.session.close, async ({ params }) => {
      const session = store.get(params.sessionId);
      const receipt = await session.end("cancelled");
      if (receipt !== undefined) {
        await session.say(receipt);
      }
      await store.close(session);
    })
    .onNotification(methods.agent.session.cancel, ({ params }) => {
      store.get(params.sessionId).cancel(arrivalOf(params._meta));
    });
}

function sessionClient(client: AgentContext): SessionClient {
  return {
    show: (sessionId, update) => client.notify(methods.client.session.update, { sessionId, update }),
    ask: async (sessionId, toolCall, signal) => {
      const question: RequestPermissionRequest = { sessionId, toolCall, options: [...ANSWERS] };
      const { outcome } = await client.request(methods.client.session.requestPermission, question, {
        cancellationSignal: signal,
        stopWaitingOnCancel: true,
      });
      if (outcome.outcome === "cancelled") {
        return "cancelled";
      }
      return ANSWERS.find(({ optionId }) => optionId === outcome.optionId)?.optionId ?? "reject";
    },
  };
}

function modesOf(currentModeId: Mode): SessionModeState {
  return {
    currentModeId,
    availableModes: [
      { id: "run", name: "Run", description: "Runs every block without asking." },
      { id: "ask", name: "Ask", description: "Asks before each block." },
    ],
  };
}

function parseMeta<T>(schema: z.ZodType<T>, meta: unknown): T {
  const parsed = schema.safeParse(meta ?? {});
  if (!parsed.success) {
    const field = ["_meta", ...(parsed.error.issues[0]?.path ?? [])].join(".");
    const details = `${field}: ${parsed.error.issues[0]?.message ?? "invalid"}`;
    throw RequestError.invalidParams({ field, details }, details);
  }
  return parsed.data;
}

function internal(error: unknown): never {
  throw RequestError.internalError({ details: `The session could not be recorded: ${reasonOf(error)}.` });
}

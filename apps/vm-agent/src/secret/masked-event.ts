/**
 * A masked event is what leaves this node about a task: whatever an agent or a program of the workspace had a word in is
 * looked through for the owner's secrets. What SAM itself says (steps, ids, numbers) stays as it is.
 */
import type { WorkDiff } from "@sam/domain/diff";
import type { ModelFailure } from "@sam/domain/model-calls";
import type { NodeTaskEvent } from "@sam/domain/node-task";
import type { Verdicts } from "@sam/domain/verdicts";
import { maxPatchLength } from "@sam/protocol/work-diff";

import { clipHead, clipTail } from "../clipped-text.ts";
import { maskJson } from "./masked-updates.ts";
import type { SecretMask } from "./secret-mask.ts";

/** A name may be longer than its secret, so what was clipped to its limit is clipped again. */
export function maskEvent(event: NodeTaskEvent, mask: SecretMask): NodeTaskEvent {
  if (mask.isEmpty) return event;
  const hide: Hide = (text, maxLength) => clipHead(mask.mask(text), maxLength);
  const hideTail: Hide = (text, maxLength) => clipTail(mask.maskTail(text), maxLength);
  switch (event.type) {
    case "agent_update":
      return { ...event, update: maskJson(event.update, mask) };
    case "permission_requested": {
      const options = event.options.map((option) => ({ ...option, name: hide(option.name, 512) }));
      const detail = event.detail === null ? null : hide(event.detail, 16_384);
      return { ...event, title: hide(event.title, 4_096), detail, options };
    }
    case "turn_ended": {
      const reportedFailure = event.reportedFailure === null ? null : hide(event.reportedFailure, 4_096);
      const failure = event.model?.lastFailure ?? null;
      const lastFailure = failure === null ? null : maskFailure(failure, hide);
      return { ...event, reportedFailure, model: event.model === null ? null : { ...event.model, lastFailure } };
    }
    case "model_failing":
      return { ...event, failure: maskFailure(event.failure, hide) };
    case "diff":
      return { ...event, diff: maskDiff(event.diff, hide) };
    case "agent_gone":
      return { ...event, outputTail: hideTail(event.outputTail, 16_384) };
    case "delivered":
      return { ...event, verdicts: maskVerdicts(event.verdicts, hide, hideTail) };
    case "command_failed": {
      const verdicts = event.verdicts === null ? null : maskVerdicts(event.verdicts, hide, hideTail);
      return { ...event, evidence: hide(event.evidence, 16_384), verdicts };
    }
    case "agent_ready":
      return { ...event, name: hide(event.name, 128), version: hide(event.version, 128) };
    case "receipt":
      return { ...event, proof: hide(event.proof, 4_096) };
    default:
      return event;
  }
}

type Hide = (text: string, maxLength: number) => string;
type Delivered = Pick<Verdicts, "produced" | "checked" | "pushed">;

function maskFailure(failure: ModelFailure, hide: Hide): ModelFailure {
  return { ...failure, detail: hide(failure.detail, 1_024) };
}

function maskDiff(diff: WorkDiff, hide: Hide): WorkDiff {
  const path = (text: string) => hide(text, 4_096);
  const files = diff.files.map((file) => ({
    ...file,
    path: path(file.path),
    oldPath: file.oldPath === null ? null : path(file.oldPath),
  }));
  return { ...diff, files, patch: hide(diff.patch, maxPatchLength), leftOutFiles: diff.leftOutFiles.map(path) };
}

/** The check's command is the project's own and was there before. */
function maskVerdicts({ produced, checked, pushed }: Delivered, hide: Hide, hideTail: Hide): Delivered {
  return {
    produced,
    checked: checked === null ? null : { ...checked, outputTail: hideTail(checked.outputTail, 16_384) },
    pushed: pushed === null ? null : { ...pushed, detail: hide(pushed.detail, 4_096) },
  };
}

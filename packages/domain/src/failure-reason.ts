/**
 * Why a task failed: a closed list. Each reason says what to do next, so that no failure reaches a person as a
 * message without a way on. The evidence stands beside it in the task's facts.
 */
export const failureReasons = {
  node_selection_timeout: "No node could be chosen in time. Look at `sam nodes`, then submit the task again.",
  capacity_timeout: "No machine became free in time. End other tasks or raise the number of nodes, then submit again.",
  provider_unavailable: "The provider did not answer. Try again when it does.",
  provider_unauthorized: "The provider refused the credentials. Check them, then submit again.",
  provider_rejected: "The provider refused the machine that was asked for. Check its type and location.",
  provisioning_timeout: "The server never ran; it was destroyed. Try again, or choose another type or location.",
  node_boot_timeout: "The server ran but its VM agent never reported; it was destroyed. Try again.",
  node_lost: "The node stopped answering and was given up. Submit the task again; pushed work is safe.",
  workspace_not_acknowledged: "The VM agent did not take the workspace in time. Submit the task again.",
  repository_not_found: "There is no git repository at that place. Check the path or URL.",
  repository_auth_required: "The repository asks for a password. Use a URL that this machine may read without one.",
  repository_empty: "The repository has no commit yet. Make a first commit, then submit again.",
  repository_unreachable: "The repository could not be reached. Check the address and the network.",
  branch_not_found: "The repository has no such branch. Check its name.",
  workspace_timeout: "The checkout was not ready in time. Submit the task again.",
  workspace_failed: "The checkout failed; the evidence has git's own words.",
  disk_full: "The disk of the workspace is full; what could be saved was saved. Free space, then submit again.",
  agent_unknown: "No such agent on this node. `sam doctor` lists the agents that there are.",
  agent_install_failed: "The agent could not be installed; the evidence says why. `sam agent check` tries it again.",
  agent_not_configured:
    "The agent lacks a key, a model or a base URL; the evidence says which. Set it, then submit again.",
  agent_start_failed: "The agent did not start; the evidence has its last output.",
  agent_session_timeout: "The agent did not open a session in time. Submit the task again.",
  agent_protocol_error: "The agent sent something that is not of its protocol. Update the agent.",
  agent_exited: "The agent ended in mid-turn, twice. The verdicts say what was delivered of its work.",
  agent_reported_failure:
    "The agent ended its turn and reported a failure of its own. The verdicts say what was delivered of its work.",
  model_unauthorized:
    "The model's server refused the key. Set another one with `sam secrets set`, then continue the task.",
  model_not_found:
    "The model's server knows no such model or address. Set them with `sam agent set`, then continue the task.",
  model_refused: "The model's server refused the agent's request; the evidence has its words.",
  model_unavailable:
    "The model did not answer for too long. The verdicts say what was delivered; continue the task later.",
  turn_stalled: "The agent made no progress, twice. The verdicts say what was delivered of its work.",
  turn_timeout: "The turn took longer than its limit. The verdicts say what was delivered of its work.",
  input_timeout: "Nobody answered in time. The work is saved.",
  check_failed: "The check command failed. The branch was pushed, so that you can look at it.",
  push_rejected: "The remote refused the push. The work is saved on the node; the evidence has the remote's words.",
  push_unproven: "The remote does not list the commit that was pushed. The work is saved on the node.",
  delivery_failed: "The delivery failed; the work is saved on the node. The evidence says at which step.",
  delivery_timeout: "The delivery was not finished in time; the work is saved on the node.",
  lost_runner: "The task's runner lost its state or could not be reached past its deadline.",
} as const;

export type FailureReason = keyof typeof failureReasons;

export interface Failure {
  readonly reason: FailureReason;
  /** What was observed, by whom: an exit code, a status, the last lines of an output. Never a secret. */
  readonly evidence: string;
  readonly at: number;
}

export function isFailureReason(text: string): text is FailureReason {
  return Object.hasOwn(failureReasons, text);
}

/**
 * The version of what crosses the wire between the control plane and a VM agent. Newest on top.
 *
 * What came since without a new version: `held_work`, `saved_work_forgotten` and `forget_saved_work`, which an older end
 * drops and says so; `purpose`, without which the grant is refused to a task that has ended; the saved work of
 * `create_workspace`, which an older VM agent passes over: its `workspace_ready` does not name it, and the task fails; and
 * `heldBy` of `command_failed`, without which three tries are made, as of any other.
 * - 3: how far a reply of the user came: `command_reached`, which a control plane of version 2 would refuse for ever.
 * - 2: agents by catalog: installation beside the checkout, grants, model calls, scopes of permissions, diffs.
 * - 1: hello, welcome, commands, events, acknowledgements, heartbeats.
 */
export const protocolVersion = 3;

/** One constant for both ends: the VM agent beats at this interval, unless `welcome` names another. */
export const heartbeatIntervalMs = 10_000;

/** Silence for this many heartbeats means: connected in name only. The socket is closed and dialled again. */
export const missedHeartbeats = 3;

/** The longest frame that either end accepts, in bytes of UTF-8. */
export const maxFrameBytes = 512 * 1024;

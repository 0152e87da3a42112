/** What keeps the processes of a local node apart from the rest of the machine, as probed and in force, not as wished. */
export interface Isolation {
  readonly processes: "bubblewrap" | "plain" | "machine" | "unknown";
  readonly limits: "cgroup-v2" | "cgroup-v1" | "prlimit" | "none" | "machine" | "unknown";
  /** Why it is not more, and how to get more; empty where there is no more to be had. */
  readonly reasons: readonly string[];
}

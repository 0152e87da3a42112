/** One look at this machine: what was found, what it is good for, and how to get it where it is missing. */
export interface Check {
  readonly name: string;
  /** `limited`: SAM works, with less than it could do. */
  readonly state: "ok" | "limited" | "missing";
  /** Whether tasks cannot run without it. */
  readonly essential: boolean;
  readonly finding: string;
  readonly gives: string;
  /** What to do for more; null where there is nothing to do. */
  readonly remedy: string | null;
}

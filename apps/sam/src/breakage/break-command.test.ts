import { describe, expect, it } from "vitest";

import { breakDuration } from "./break-command.ts";

describe("how long something is broken", () => {
  it("is the table's own where nobody says, and theirs within its limits", () => {
    expect(breakDuration("cut_network", undefined)).toBeNull();
    expect(breakDuration("cut_network", "1.5")).toBe(1_500);
  });

  it.each(["x", "-1", "0.4", "121", "Infinity", ""])("is not “%s”, and the option is named", (seconds) => {
    expect(() => breakDuration("stall_provider", seconds)).toThrow(
      /^--for must be a number of seconds, from 0.5 to 120;/,
    );
  });

  it("cannot be said of what does not last", () => {
    expect(() => breakDuration("kill_vm_agent", "5")).toThrow(
      "--for: kill-vm-agent does not last. Nothing was broken.",
    );
  });
});

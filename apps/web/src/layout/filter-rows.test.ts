import { expect, it } from "vitest";

import { taskRow } from "../testing/task-rows.ts";
import { filterRows } from "./filter-rows.ts";

const rows = [taskRow(), taskRow({ title: "Rename the cluster", agentId: "gemini", step: "failed" })];

it.each([
  ["", 2],
  ["   ", 2],
  ["HEALTH", 1],
  ["cluster gemini", 1],
  ["cluster codex", 0],
  ["failed", 1],
])("%j finds %i", (text, count) => {
  expect(filterRows(rows, text)).toHaveLength(count);
});

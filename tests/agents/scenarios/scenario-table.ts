/** All scenarios, in the order of the table. The first one stands for itself: SAM installs the agent for it. */
import { cancelledInStream, cancelledInTool, cancelledWhileAsking } from "./cancels.ts";
import { changes } from "./changes.ts";
import { continued } from "./continued.ts";
import { didNothing } from "./did-nothing.ts";
import { failingModels } from "./failing-models.ts";
import { interrupted } from "./interrupted.ts";
import { killed } from "./killed.ts";
import { granted, refused } from "./permissions.ts";
import type { Scenario } from "./scenario.ts";

export const firstScenario: Scenario = didNothing;

export const furtherScenarios: readonly Scenario[] = [
  changes,
  continued,
  granted,
  refused,
  cancelledInStream,
  cancelledInTool,
  cancelledWhileAsking,
  killed,
  interrupted,
  ...failingModels,
];

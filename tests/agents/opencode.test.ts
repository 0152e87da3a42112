/**
 * OpenCode takes the most of a processor to start, three seconds each time. Vitest begins with the largest file, and this
 * comment makes it that one, so that the others run beside it and nothing waits for it at the end.
 */
import { describeAgent } from "./support/agent-suite.ts";

describeAgent("opencode");

import { describeAgent } from "./support/agent-suite.ts";

describeAgent("claude-code");

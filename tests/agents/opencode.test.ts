import { describeAgent } from "./support/agent-suite.ts";

describeAgent("opencode");

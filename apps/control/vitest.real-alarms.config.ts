/** The same Worker with short settings, where the test lets real time pass and real alarms fire by themselves. */
import { workerProject } from "./test/support/vitest-project.ts";

export default workerProject("control-real-alarms", ["test/real-alarms/*.test.ts"], {
  providerPollMs: 20,
  nodePollMs: 25,
});

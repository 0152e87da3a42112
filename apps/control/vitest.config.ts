/** Tests of the Worker run inside workerd, with the bindings of wrangler.jsonc and storage of their own per file. */
import { workerProject } from "./test/support/vitest-project.ts";

export default workerProject("control", ["src/**/*.test.ts", "test/*.test.ts"], {});

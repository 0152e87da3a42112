/** `npm run check:dependencies`: holds every import of this checkout against scripts/dependency-rules.mjs. */
import { checkDependencies } from "./dependency-rules.mjs";
import { runScript, SetupError } from "./node.mjs";
import { listFiles, readText } from "./repository-files.mjs";

await runScript(async () => {
  const paths = listFiles();
  const files = paths
    .filter((path) => /\.(ts|tsx|mts|mjs)$/.test(path) && !/(^|\/)(migrations|drizzle)\//.test(path))
    .map((path) => ({ path, source: readText(path) }));
  const manifests = Object.fromEntries(
    paths
      .filter((path) => /^((apps|packages)\/[^/]+\/)?package\.json$/.test(path))
      .map((path) => [path === "package.json" ? "." : path.replace("/package.json", ""), JSON.parse(readText(path))]),
  );
  const violations = checkDependencies(files, manifests);
  if (violations.length === 0) return;
  const lines = violations.map(({ path, line, problem }) => `${path}:${line} ${problem}`);
  throw new SetupError(`${lines.join("\n")}\n\n${violations.length} imports go the wrong way.`);
});

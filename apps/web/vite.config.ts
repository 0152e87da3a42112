/** How the page is built. `npm run build` runs it; hashed files may be cached for ever, `index.html` never. */
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/**
 * Each schema of zod carries the code that writes it as a JSON schema, which no bundler can shake off. The page never
 * asks for one, and it would be the size of a page of its own.
 */
function withoutJsonSchemas(): Plugin {
  const left = new Set(["json-schema-processors.js", "to-json-schema.js"]);
  return {
    name: "without-json-schemas",
    apply: "build",
    transform(code, id) {
      const file = /\/zod\/v4\/core\/([\w-]+\.js)$/.exec(id)?.[1];
      if (file === undefined || !/^(json-schema-processors|to-json-schema)\.js$/.test(file)) return null;
      left.delete(file);
      const names = [...code.matchAll(/^export (?:const|function) (\w+)/gm)].map((match) => match[1] ?? "");
      const absent = names.map((name) => `export const ${name} = absent;`).join("\n");
      return { code: `const absent = () => absent;\n${absent}\n`, map: null };
    },
    buildEnd() {
      if (left.size > 0)
        this.warn(`zod has no ${[...left].join(", ")} any more: look where it writes JSON schemas now`);
    },
  };
}

/**
 * zod would write code for its parsers, and finds out by a try whether it may. The page's policy lets no code be made of
 * texts, and the browser reports the try as a breach of it.
 */
function withoutEval(): Plugin {
  const config = "__zod_globalConfig = {}";
  let isFound = false;
  return {
    name: "without-eval",
    apply: "build",
    transform(code, id) {
      if (!id.endsWith("/zod/v4/core/core.js") || !code.includes(config)) return null;
      isFound = true;
      return { code: code.replace(config, "__zod_globalConfig = { jitless: true }"), map: null };
    },
    buildEnd() {
      if (!isFound) this.warn("zod keeps its configuration elsewhere now: look where `jitless` is read");
    },
  };
}

/** streamdown brings a whole HTML parser for markup in markdown. An agent's markup is shown as text, so nothing parses it. */
function withoutHtmlParser(): Plugin {
  const module = "\0no-html-parser";
  return {
    name: "without-html-parser",
    apply: "build",
    enforce: "pre",
    resolveId: (source) => (source === "rehype-raw" ? module : null),
    load: (id) =>
      id === module ? 'export default () => { throw new Error("markup is shown as text, and not parsed"); };' : null,
  };
}

export default defineConfig({
  plugins: [react(), tailwindcss(), withoutJsonSchemas(), withoutEval(), withoutHtmlParser()],
  build: {
    // `light-dark()` is used as it stands: older browsers are not served a second copy of every colour.
    target: ["chrome123", "firefox121", "safari17.5"],
    modulePreload: { polyfill: false },
    // The policy of the page allows no data: scripts or styles; every asset is a file.
    assetsInlineLimit: 0,
    // One style for all parts: a part that is fetched again after the network was gone would come without its own.
    cssCodeSplit: false,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2_000,
  },
});

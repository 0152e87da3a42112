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

/**
 * What streamdown brings and the page does not need, each with what stands in its place: a whole HTML parser for markup in
 * markdown, which is shown as text; the merging of Tailwind's classes, of which its parts here have none; and a writer of
 * markdown, where markdown is only read.
 */
const unneeded: ReadonlyMap<string, string> = new Map([
  ["rehype-raw", 'export default () => { throw new Error("markup is shown as text, and not parsed"); };'],
  ["tailwind-merge", "export const twMerge = (classes) => classes;"],
  [
    "mdast-util-to-markdown",
    'const never = () => { throw new Error("markdown is read, and not written"); };\n' +
      "export const toMarkdown = never;\nexport const defaultHandlers = { inlineCode: never, listItem: never };",
  ],
]);

function withoutUnneeded(): Plugin {
  const mark = "\0unneeded:";
  const left = new Set(unneeded.keys());
  return {
    name: "without-unneeded",
    apply: "build",
    enforce: "pre",
    resolveId(source) {
      left.delete(source);
      return unneeded.has(source) ? `${mark}${source}` : null;
    },
    load: (id) => (id.startsWith(mark) ? (unneeded.get(id.slice(mark.length)) ?? null) : null),
    buildEnd() {
      if (left.size > 0) this.warn(`nothing asks for ${[...left].join(", ")} any more: it need not be left out`);
    },
  };
}

export default defineConfig({
  plugins: [react(), tailwindcss(), withoutJsonSchemas(), withoutEval(), withoutUnneeded()],
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

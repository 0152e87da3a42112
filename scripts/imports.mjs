/** The imports of a source file: what a bundler would follow, and the types that it would drop. */

/** @typedef {{ specifier: string, line: number, reexport: boolean, typeOnly: boolean }} Import */

/** Comments and templates become spaces: what they mention counts for nothing. Lines keep their numbers. @param {string} source */
export function withoutComments(source) {
  const token = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
  return source.replace(token, (text) => (/^[/`]/.test(text) ? text.replace(/[^\n]/g, " ") : text));
}

const PATTERNS = [
  // import x from "y"; import type { X } from "y"; export { x } from "y"; export * from "y"
  /^[ \t]*(?<keyword>import|export)\b(?<clause>[^;"'`=()]*?)\bfrom\s*["'](?<specifier>[^"']+)["']/gm,
  // import "y"
  /^[ \t]*(?<keyword>import)\s*["'](?<specifier>[^"']+)["']/gm,
  // import("y"), in an expression or in a type
  /(?<![.\w])(?<keyword>import)\s*\(\s*["'](?<specifier>[^"']+)["']/g,
];

/** @param {string} source @returns {Import[]} */
export function importsOf(source) {
  const code = withoutComments(source);
  return PATTERNS.flatMap((pattern) => [...code.matchAll(pattern)])
    .map((match) => ({
      specifier: match.groups?.["specifier"] ?? "",
      line: code.slice(0, match.index).split("\n").length,
      reexport: match.groups?.["keyword"] === "export",
      typeOnly: /^\s*type\b/.test(match.groups?.["clause"] ?? ""),
    }))
    .toSorted((a, b) => a.line - b.line);
}

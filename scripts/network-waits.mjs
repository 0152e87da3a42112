/**
 * Finds what leaves the process without a deadline, by TypeScript's own types: requests, service bindings, methods of
 * Durable Objects, sockets, and processes that are started. A call is in time if and only if
 * - it is itself given a `signal` or a `timeout`; or
 * - it stands inside of the arguments of a wrapper that has a deadline, itself or by the constant that holds it; or
 * - it stands in a function of which that is true wherever it is called; or
 * - its file keeps the deadline elsewhere, and is listed with where.
 */
import {
  isArrowFunction,
  isCallExpression,
  isFunctionDeclaration,
  isFunctionExpression,
  isIdentifier,
  isImportDeclaration,
  isImportSpecifier,
  isMethodDeclaration,
  isNewExpression,
  isObjectLiteralExpression,
  isPropertyAccessExpression,
  isPropertyAssignment,
  isStringLiteral,
  isTypeQueryNode,
  isVariableDeclaration,
} from "typescript/unstable/ast/is";
import { API } from "typescript/unstable/sync";

import { root } from "./node.mjs";

/** @typedef {import("typescript/unstable/ast").Node} Node */
/** @typedef {import("typescript/unstable/ast").SourceFile} SourceFile */
/** @typedef {import("typescript/unstable/sync").Project} Project */
/** @typedef {{ path: string, line: number, what: string }} Wait */

/** Each has a deadline of its own for what it is given: a promise, or a function that makes one. */
const wrappers = new Set(["within", "withinD1", "call", "isDoneWithin", "deadline"]);

/** Modules of Node whose functions open a socket or start a process. */
const leaving = new Map([
  ["node:child_process", new Set(["spawn", "exec", "execFile", "fork", "spawnSync", "execSync", "execFileSync"])],
  ["node:net", new Set(["connect", "createConnection"])],
  ["node:tls", new Set(["connect"])],
  ["node:http", new Set(["request", "get"])],
  ["node:https", new Set(["request", "get"])],
]);

/** Reads what is still on its way: where the request has no signal, its deadline does not cover this. */
const bodies = new Set(["json", "text", "arrayBuffer", "bytes", "blob", "formData"]);

/** What a method is called on, where each of its methods leaves the process. */
const bindings = /^(DurableObjectStub|Fetcher|Service)\b/;
const localMethods = new Set(["getByName", "get", "idFromName", "connect"]);

/**
 * @param {string[]} configs the projects to be read, as their tsconfig's paths below the root
 * @param {{ virtual?: Record<string, string> }} [options] `virtual`: texts that stand in place of files, by their paths
 * @returns {Wait[]} what is not in time, in the order of the files
 */
export function findWaits(configs, { virtual = {} } = {}) {
  const texts = new Map(Object.entries(virtual).map(([path, text]) => [`${root}/${path}`, text]));
  const api = new API({ cwd: root, fs: { readFile: (path) => texts.get(path) } });
  try {
    const snapshot = api.updateSnapshot({ openProjects: configs.map((config) => `${root}/${config}`) });
    return configs.flatMap((config) => {
      const project = snapshot.getProject(`${root}/${config}`);
      if (project === undefined) throw new Error(`${config} is no project`);
      return new ProjectWaits(project).find();
    });
  } finally {
    api.close();
  }
}

class ProjectWaits {
  /** @type {Project} */
  #project;
  /** @type {SourceFile[]} */
  #files;
  /** Every call of a function of the project, by the place of its declaration. @type {Map<string, Node[]>} */
  #callsOf = new Map();
  /** @type {Map<Node, boolean>} */
  #inTime = new Map();
  /** @type {Map<number, string>} */
  #names = new Map();

  /** @param {Project} project */
  constructor(project) {
    this.#project = project;
    this.#files = project.rootFiles.filter(isProduct).flatMap((path) => project.program.getSourceFile(path) ?? []);
  }

  /** @returns {Wait[]} */
  find() {
    for (const file of this.#files) this.#noteCalls(file);
    return this.#files.flatMap((file) =>
      this.#leavingCalls(file)
        .filter(({ call }) => !isGivenADeadline(call) && !this.#isInTime(call))
        .map(({ call, what }) => ({ path: below(file.fileName), line: lineOf(file, call), what }))
        .toSorted((one, other) => one.line - other.line),
    );
  }

  /** @param {SourceFile} file */
  #noteCalls(file) {
    const calls = nodesOf(file).filter(isCallExpression);
    const names = calls.map(({ expression }) =>
      isPropertyAccessExpression(expression) ? expression.name : expression,
    );
    const symbols = names.length === 0 ? [] : this.#project.checker.getSymbolAtLocation(names);
    for (const [index, symbol] of symbols.entries()) {
      const call = calls[index];
      if (symbol === undefined || call === undefined) continue;
      const place = this.#placeOf(symbol);
      if (place !== null) this.#callsOf.set(place, [...(this.#callsOf.get(place) ?? []), call]);
    }
  }

  /** Where a function is declared; through an import, where it really is. @param {import("typescript/unstable/sync").Symbol} symbol */
  #placeOf(symbol) {
    const alias = 2_097_152;
    const target = (symbol.flags & alias) === 0 ? symbol : this.#project.checker.getAliasedSymbol(symbol);
    const declared = target.valueDeclaration ?? target.declarations[0];
    return declared === undefined ? null : `${declared.path}:${declared.index}`;
  }

  /** @param {SourceFile} file @returns {{ call: Node, what: string }[]} */
  #leavingCalls(file) {
    const ofNode = importedFromNode(file);
    const nodes = nodesOf(file);
    const sockets = nodes
      .filter(isNewExpression)
      .filter(({ expression }) => isIdentifier(expression) && expression.text === "WebSocket")
      .map((call) => ({ call, what: "a WebSocket" }));
    // A function that is handed on is one that is called somewhere.
    const named = nodes.filter(isIdentifier).flatMap((name) => {
      const call = isCallExpression(name.parent) && name.parent.expression === name ? name.parent : name;
      const what = name.text === "fetch" && call !== name ? "fetch" : ofNode.get(name.text);
      return what === undefined || isOnlyNamed(name) ? [] : [{ call, what }];
    });
    return [...sockets, ...named, ...this.#methodCalls(nodes.filter(isCallExpression))];
  }

  /** @param {import("typescript/unstable/ast").CallExpression[]} calls @returns {{ call: Node, what: string }[]} */
  #methodCalls(calls) {
    const methods = calls.filter(({ expression }) => isPropertyAccessExpression(expression));
    const receivers = methods.flatMap(({ expression }) =>
      isPropertyAccessExpression(expression) ? [expression.expression] : [],
    );
    const types = receivers.length === 0 ? [] : this.#project.checker.getTypeAtLocation(receivers);
    return methods.flatMap((call, index) => {
      const { expression } = call;
      const type = types[index];
      if (type === undefined || !isPropertyAccessExpression(expression)) return [];
      const method = expression.name.text;
      const name = this.#nameOf(type);
      // An app's own `fetch` is its handler.
      if (method === "fetch" && !/^OpenAPIHono\b/.test(name)) return [{ call, what: `fetch of ${name}` }];
      if (name === "Response" && bodies.has(method)) return [{ call, what: `${method} of ${name}` }];
      if (bindings.test(name) && !localMethods.has(method)) return [{ call, what: `${method} of ${name}` }];
      const ofHttp = /^typeof import\("(?:node:)?https?"\)$/.test(name) && (method === "request" || method === "get");
      return ofHttp ? [{ call, what: `${method} of ${name}` }] : [];
    });
  }

  /** @param {import("typescript/unstable/sync").Type} type */
  #nameOf(type) {
    const known = this.#names.get(type.id);
    if (known !== undefined) return known;
    const name = this.#project.checker.typeToString(type);
    this.#names.set(type.id, name);
    return name;
  }

  /** @param {Node} node @returns {boolean} */
  #isInTime(node) {
    const known = this.#inTime.get(node);
    if (known !== undefined) return known;
    // Whoever calls itself is no proof of itself.
    this.#inTime.set(node, false);
    const found = this.#isHeldInTime(node);
    this.#inTime.set(node, found);
    return found;
  }

  /** Climbs to a wrapper, to a constant that one is given, or to a function that is only called in time. @param {Node} node @returns {boolean} */
  #isHeldInTime(node) {
    for (let inner = node, outer = node.parent; outer !== undefined; inner = outer, outer = outer.parent) {
      if (isWrapper(outer) && outer.arguments.some((argument) => argument === inner)) return true;
      if (isVariableDeclaration(outer) && isIdentifier(outer.name) && outer.initializer === inner) {
        if (isFunction(inner)) return this.#isCalledInTime(outer);
        const uses = usesOf(outer.name);
        if (uses.length > 0 && uses.every((use) => this.#isInTime(use))) return true;
      }
      if (isFunctionDeclaration(outer) || isMethodDeclaration(outer)) return this.#isCalledInTime(outer);
    }
    return false;
  }

  /** @param {import("typescript/unstable/ast").VariableDeclaration | import("typescript/unstable/ast").FunctionDeclaration | import("typescript/unstable/ast").MethodDeclaration} declaration @returns {boolean} */
  #isCalledInTime({ name }) {
    const symbol = name === undefined ? undefined : this.#project.checker.getSymbolAtLocation(name);
    const place = symbol === undefined ? null : this.#placeOf(symbol);
    const calls = place === null ? [] : (this.#callsOf.get(place) ?? []);
    return calls.length > 0 && calls.every((call) => this.#isInTime(call));
  }
}

/** @param {Node} node @returns {node is import("typescript/unstable/ast").CallExpression} */
function isWrapper(node) {
  return isCallExpression(node) && isIdentifier(node.expression) && wrappers.has(node.expression.text);
}

/** @param {Node} node */
function isFunction(node) {
  return isArrowFunction(node) || isFunctionExpression(node);
}

/** Whether one of the arguments is an object with a signal or a timeout. @param {Node} node */
function isGivenADeadline(node) {
  if (!isCallExpression(node) && !isNewExpression(node)) return false;
  return (node.arguments ?? []).some(
    (argument) =>
      (isIdentifier(argument) && argument.text === "signal") ||
      (isObjectLiteralExpression(argument) &&
        argument.properties.some(
          (property) =>
            "name" in property &&
            property.name !== undefined &&
            /^(signal|timeout|timeoutMs)$/.test(textOf(property.name)),
        )),
  );
}

/** The other places in the same function that name a constant. @param {import("typescript/unstable/ast").Identifier} name */
function usesOf(name) {
  let scope = name.parent;
  while (
    scope.parent !== undefined &&
    !isFunction(scope) &&
    !isFunctionDeclaration(scope) &&
    !isMethodDeclaration(scope)
  ) {
    scope = scope.parent;
  }
  return nodesOf(scope).filter(
    (node) =>
      isIdentifier(node) &&
      node !== name &&
      node.text === name.text &&
      !(isPropertyAccessExpression(node.parent) && node.parent.name === node),
  );
}

/** In an import, a type, or as the name of a member. @param {Node} name */
function isOnlyNamed(name) {
  const { parent } = name;
  return (
    isImportSpecifier(parent) ||
    isTypeQueryNode(parent) ||
    (isPropertyAccessExpression(parent) && parent.name === name) ||
    (isPropertyAssignment(parent) && parent.name === name)
  );
}

/** The functions of Node that a file imports and that leave the process, by their names there. @param {SourceFile} file */
function importedFromNode(file) {
  /** @type {Map<string, string>} */
  const names = new Map();
  for (const statement of file.statements) {
    if (!isImportDeclaration(statement) || !isStringLiteral(statement.moduleSpecifier)) continue;
    const module = statement.moduleSpecifier.text;
    const known = leaving.get(module);
    const text = known === undefined ? "" : textOf(statement);
    for (const [, imported = "", , local] of text.matchAll(/[{,]\s*(\w+)(\s+as\s+(\w+))?/g)) {
      if (known?.has(imported)) names.set(local ?? imported, `${imported} of ${module}`);
    }
  }
  return names;
}

/** @param {Node} top @returns {Node[]} it and all that is in it, in the order of the text */
function nodesOf(top) {
  /** @type {Node[]} */
  const found = [];
  /** @param {Node} node */
  const visit = (node) => {
    found.push(node);
    node.forEachChild((child) => {
      visit(child);
    });
  };
  visit(top);
  return found;
}

/** @param {Node} node */
function textOf(node) {
  return node.getText();
}

/** @param {SourceFile} file @param {Node} node */
function lineOf(file, node) {
  return file.text.slice(0, node.getStart()).split("\n").length;
}

/** @param {string} path */
function below(path) {
  return path.slice(root.length + 1);
}

/** What runs at the user's, not what tests it. @param {string} path */
function isProduct(path) {
  return /^(apps|packages)\/[^/]+\/src\//.test(below(path)) && !/\.test\.tsx?$|\/testing\//.test(path);
}

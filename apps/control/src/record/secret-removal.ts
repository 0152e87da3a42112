/**
 * Secrets are removed from what leaves SAM as a file: a second net behind the one on the node, which had only those
 * secrets that its agent was granted. A name stands where a value was found, also encoded in base64, for a URL, or as JSON.
 */

/** A shorter value would be found in innocent text. */
const shortest = 6;
const shortestEncoded = 8;

/** What these hold are words of SAM's own lists, ids and names of effects: to change them would make the file unreadable. */
const ownWords = new Set([
  ...["format", "type", "kind", "step", "state", "from", "to", "author", "mode", "permissionPolicy", "toolKind"],
  ...["taskId", "rootTaskId", "nodeId", "ownerId", "projectId", "workspaceId", "homeOf", "writtenBy", "call", "key"],
  ...["lane", "line", "reason", "failure", "command", "phase", "outcome", "status", "scope", "processes", "limits"],
]);
/** What an agent wrote has no words of SAM's lists. */
const ofAgent = new Set(["update", "diff"]);

export class SecretRemoval {
  readonly #forms: readonly (readonly [form: string, name: string])[];

  /** @param secrets by name. */
  constructor(secrets: ReadonlyMap<string, string>) {
    const forms = [...secrets].flatMap(([name, value]) => formsOf(value).map((form) => [form, name] as const));
    this.#forms = forms.toSorted(([one], [other]) => other.length - one.length);
  }

  /** @returns the value without a secret in any of its texts, nor in a name that an agent chose. */
  from(value: unknown): unknown {
    return this.#forms.length === 0 ? value : this.#clean(value, false);
  }

  #clean(value: unknown, isOfAgent: boolean): unknown {
    if (typeof value === "string") return this.#cleanText(value);
    if (Array.isArray(value)) return value.map((one: unknown) => this.#clean(one, isOfAgent));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, own]) => {
        if (!isOfAgent && ownWords.has(name) && typeof own === "string") return [name, own];
        return [isOfAgent ? this.#cleanText(name) : name, this.#clean(own, isOfAgent || ofAgent.has(name))];
      }),
    );
  }

  #cleanText(text: string): string {
    return this.#forms.reduce((clean, [form, name]) => clean.replaceAll(form, `[secret ${name}]`), text);
  }
}

function formsOf(value: string): readonly string[] {
  if (value.length < shortest) return [];
  const escaped = JSON.stringify(value).slice(1, -1);
  const encoded = value.isWellFormed() ? [encodeURIComponent(value)] : [];
  return [...new Set([value, escaped, ...encoded, ...base64Forms(value)])];
}

/** Whatever stands before the value, its bytes begin at one of three places in a group; only whole letters are kept. */
function base64Forms(value: string): string[] {
  const bytes = new TextEncoder().encode(value);
  return [0, 1, 2].flatMap((before) => {
    const letters = btoa(`${"\0".repeat(before)}${String.fromCharCode(...bytes)}`);
    const core = letters.slice(Math.ceil((before * 4) / 3), Math.floor(((before + bytes.length) * 4) / 3));
    return core.length < shortestEncoded ? [] : [core, core.replaceAll("+", "-").replaceAll("/", "_")];
  });
}

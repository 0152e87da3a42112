/** What `git push --porcelain` reports of the one ref that it was asked to push: `<flag> TAB <from>:<to> TAB <summary>`. */

export interface PushReport {
  /** Space, `+`, `-`, `*` or `=`: the remote took it or has it already. `!`: it was refused. */
  readonly flag: string;
  readonly summary: string;
}

/** @returns null where git got no answer for the ref. */
export function parsePush(text: string): PushReport | null {
  const line = text.split("\n").find((candidate) => /^[ +\-*=!]\t/.test(candidate));
  if (line === undefined) return null;
  const [flag = "", , summary = ""] = line.split("\t");
  return { flag, summary };
}

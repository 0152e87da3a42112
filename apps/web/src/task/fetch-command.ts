/** The command that gets a task's branch into a clone of its repository. */

/** @returns the word as a shell takes it for itself, whatever is in it. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

export function fetchCommand(url: string, branch: string): string {
  return `git fetch ${shellWord(url)} ${shellWord(branch)} && git switch --detach FETCH_HEAD`;
}

/** The git remote of the simulated tasks, and what became of each piece of work that an agent ever made. */

/** A piece of work is one thing that an agent changed, wherever it is by now. */
export interface Commit {
  readonly id: string;
  readonly pieces: readonly string[];
}

export class Remote {
  readonly refs = new Map<string, Commit>();
  /** Nobody reaches it. */
  isAway = false;
  #commits = 0;

  /** @returns a commit of these pieces; the same ones make the same commit. */
  commit(pieces: readonly string[]): Commit {
    this.#commits += 1;
    return { id: `c${this.#commits.toString(16).padStart(39, "0")}`, pieces };
  }

  /** @returns whether it was taken: a branch only goes forward. */
  push(ref: string, commit: Commit): boolean {
    const before = this.refs.get(ref);
    const isForward = before === undefined || before.pieces.every((piece) => commit.pieces.includes(piece));
    if (isForward) this.refs.set(ref, commit);
    return isForward;
  }

  /** @returns whether a branch has it. */
  hasDelivered(piece: string): boolean {
    return [...this.refs].some(([ref, { pieces }]) => ref.startsWith("refs/heads/") && pieces.includes(piece));
  }

  /** @returns whether any ref has it. */
  holds(piece: string): boolean {
    return [...this.refs.values()].some(({ pieces }) => pieces.includes(piece));
  }
}

/**
 * The proof: the half of a session that no cookie carries. Another program on another port of this host is sent the cookie,
 * too; what a page stores, only a page of its own origin reads, and the port is part of that.
 */
const storageKey = "sam.proof";

/** Where storage is refused, the session lasts as long as this page. */
let unstored: string | null = null;

/** @returns the proof of this page's session, read anew: another tab may have signed in meanwhile. */
export function keptProof(): string | null {
  try {
    return unstored ?? localStorage.getItem(storageKey);
  } catch {
    return unstored;
  }
}

export function keepProof(proof: string): void {
  unstored = proof;
  try {
    localStorage.setItem(storageKey, proof);
    unstored = null;
  } catch {
    // Storage is refused or full.
  }
}

export function dropProof(): void {
  unstored = null;
  try {
    localStorage.removeItem(storageKey);
  } catch {
    // Storage is refused: nothing is in it.
  }
}

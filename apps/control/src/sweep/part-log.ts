/** What one part of a sweep looked at, found, did and could not do: counted, and told by id, within bounds. */
import { findingKinds, type Finding } from "@sam/domain/sweep-finding";

export interface PartReport {
  readonly part: string;
  readonly looked: number;
  readonly found: number;
  readonly acted: number;
  readonly failed: string | null;
  readonly isWhole: boolean;
  readonly tookMs: number;
  readonly findings: readonly Finding[];
}

export const mostFindings = 50;
const mostDetail = 500;

export class PartLog {
  #looked = 0;
  #found = 0;
  #acted = 0;
  #failed = 0;
  #isWhole = true;
  readonly #findings: Finding[] = [];

  look(count: number): void {
    this.#looked += count;
  }

  /** All are counted; those beyond the bound are not told. */
  find(finding: Finding): void {
    this.#found += 1;
    const { outcome } = findingKinds[finding.kind];
    if (outcome === "done") this.#acted += 1;
    if (outcome === "failed") this.#failed += 1;
    if (this.#findings.length < mostFindings) {
      this.#findings.push({ ...finding, detail: finding.detail.slice(0, mostDetail) });
    }
  }

  /** What was done without anything to tell of it. */
  act(count: number): void {
    this.#acted += count;
  }

  /** Something that is due was not looked at. */
  leave(): void {
    this.#isWhole = false;
  }

  /** @param failure why the part as a whole ended early; null where it did not. */
  report(part: string, tookMs: number, failure: string | null): PartReport {
    const some = this.#failed === 0 ? null : `${this.#failed} failed`;
    return {
      part,
      looked: this.#looked,
      found: this.#found,
      acted: this.#acted,
      failed: failure === null ? some : failure.slice(0, mostDetail),
      isWhole: this.#isWhole && failure === null,
      tookMs,
      // A part that was left to itself may find more.
      findings: [...this.#findings],
    };
  }
}

/**
 * When a task closes its epochs, by the clock on the wall. What others wait for is made at a close, so that the moment for
 * anything else is between two of them: not at once, since whoever comes after is at work then, and over before the next.
 */
export class Closes {
  private closed = Number.NaN
  private latestMs = Number.NaN
  private gapMs = Number.NaN

  /** How far it has closed its epochs, in whatever rises with each, as it is told at some moment. */
  note(closed: number | null | undefined, nowMs: number): void {
    if (typeof closed !== 'number' || closed === this.closed) return
    this.closed = closed
    this.gapMs = nowMs - this.latestMs
    this.latestMs = nowMs
  }

  /** Whether a moment is well away from the latest close and from the next, if that is as far off as the latest was from its own. */
  isCalm(nowMs: number): boolean {
    const sinceMs = nowMs - this.latestMs
    return sinceMs >= 0.1 * this.gapMs && sinceMs <= 0.9 * this.gapMs
  }
}

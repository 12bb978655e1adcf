/**
 * When a view closes its epochs, by the clock on the wall. What others wait for is made at a close, so that the moment for
 * anything else is between two of them: not at once, since whoever comes after is at work then, and long before the next.
 */
export class Closes {
  private asOfMs = Number.NaN
  private latestMs = Number.NaN
  private gapMs = Number.NaN

  /** The event time up to which the view has closed its epochs, as it is told at some moment. */
  note(asOfMs: number | null | undefined, nowMs: number): void {
    if (typeof asOfMs !== 'number' || asOfMs === this.asOfMs) return
    this.asOfMs = asOfMs
    this.gapMs = nowMs - this.latestMs
    this.latestMs = nowMs
  }

  /** Whether a moment is between a tenth and a half of the way to the next close, if that is as far off as the one before was. */
  isCalm(nowMs: number): boolean {
    const sinceMs = nowMs - this.latestMs
    return sinceMs >= 0.1 * this.gapMs && sinceMs <= 0.5 * this.gapMs
  }
}

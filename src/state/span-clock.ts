/** Cuts event time into spans of one length, and says when one of them is over. */
export class SpanClock {
  /** When the span at hand began; -Infinity before the first moment. */
  startMs = Number.NEGATIVE_INFINITY

  constructor(private readonly spanMs: number) {}

  /** Lets event time pass; whether the span that was at hand has ended. Time that goes back changes nothing. */
  passes(nowMs: number): boolean {
    if (nowMs < this.startMs + this.spanMs) return false
    const isFirst = this.startMs === Number.NEGATIVE_INFINITY
    this.startMs = Math.floor(nowMs / this.spanMs) * this.spanMs
    return !isFirst
  }

  /** Goes on from a saved `startMs`, which as JSON is null before the first moment. */
  goOn(startMs: number | null): void {
    this.startMs = startMs ?? Number.NEGATIVE_INFINITY
  }
}

/** What a source tells. */
export interface Report {
  readonly source: string
  readonly sequence: number
  /** The event time of what is decided from it. */
  readonly endMs: number
  /**
   * Up to here the source has told all, with this report; absent where more of the same epoch follows, null at the end of
   * the input.
   */
  readonly passedMs?: number | null | undefined
}

/**
 * Holds the reports of several sources until all have passed their epoch, and gives them in the order of epochs and, in
 * one epoch, of sources: the same however they came interleaved.
 *
 * ```
 *  account/0   10  20  30  40            given:   10 10 20 20
 *  network/0   10  20                    30 and 40 wait for network/0
 * ```
 */
export class ReportBuffer<R extends Report> {
  private waiting: R[] = []
  private readonly passedMs = new Map<string, number>()
  private readonly sequences = new Map<string, number>()
  /** How often each source has been at its end. */
  private readonly ends = new Map<string, number>()
  /** All up to here has been given. */
  private givenMs = Number.NEGATIVE_INFINITY

  constructor(private readonly sources: readonly string[]) {
    for (const source of sources) this.passedMs.set(source, Number.NEGATIVE_INFINITY)
  }

  /** Takes a report; one that came before is passed over. */
  add(report: R): void {
    const { source, sequence, passedMs } = report
    if (sequence <= (this.sequences.get(source) ?? 0)) return
    this.sequences.set(source, sequence)
    this.waiting.push(report)
    if (passedMs === undefined) return
    if (passedMs === null) this.ends.set(source, (this.ends.get(source) ?? 0) + 1)
    this.passedMs.set(source, passedMs ?? Number.POSITIVE_INFINITY)
  }

  /** The reports that all sources have passed, in their order. */
  take(): R[] {
    let least = Number.POSITIVE_INFINITY
    for (const source of this.passedMs.keys()) least = Math.min(least, this.passedBy(source))
    const due = this.waiting.filter(({ endMs }) => endMs <= least)
    if (due.length === 0) return due
    this.waiting = this.waiting.filter(({ endMs }) => endMs > least)
    due.sort((a, b) => a.endMs - b.endMs || this.rank(a) - this.rank(b) || a.sequence - b.sequence)
    this.givenMs = Math.max(this.givenMs, least === Number.POSITIVE_INFINITY ? due.at(-1)!.endMs : least)
    return due
  }

  state(): SavedReports<R> {
    const plain = (ms: number): number | string => (Number.isFinite(ms) ? ms : String(ms))
    return {
      waiting: this.waiting,
      passedMs: [...this.passedMs].map(([source, ms]) => [source, plain(ms)]),
      sequences: [...this.sequences],
      ends: [...this.ends],
      givenMs: plain(this.givenMs),
    }
  }

  restore(saved: SavedReports<R>): void {
    this.waiting = [...saved.waiting]
    for (const [source, ms] of saved.passedMs) this.passedMs.set(source, Number(ms))
    for (const [source, ends] of saved.ends) this.ends.set(source, ends)
    for (const [source, sequence] of saved.sequences) this.sequences.set(source, sequence)
    this.givenMs = Number(saved.givenMs)
  }

  /**
   * How far a source has come. One that is at its end is waited for again when another has gone on after as many ends: it
   * will come by.
   */
  private passedBy(source: string): number {
    const passedMs = this.passedMs.get(source)!
    if (passedMs !== Number.POSITIVE_INFINITY) return passedMs
    let latestRun = 0
    for (const [other, otherMs] of this.passedMs) {
      const ends = this.ends.get(other) ?? 0
      latestRun = Math.max(latestRun, otherMs === Number.POSITIVE_INFINITY ? ends : ends + 1)
    }
    return (this.ends.get(source) ?? 0) < latestRun ? this.givenMs : passedMs
  }

  private rank({ source }: R): number {
    const place = this.sources.indexOf(source)
    return place < 0 ? this.sources.length : place
  }
}

export interface SavedReports<R> {
  readonly waiting: readonly R[]
  readonly passedMs: readonly (readonly [string, number | string])[]
  readonly sequences: readonly (readonly [string, number])[]
  readonly ends: readonly (readonly [string, number])[]
  readonly givenMs: number | string
}

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
  private waiting: Waiting<R>[] = []
  private readonly passedMs = new Map<string, number>()
  private readonly sequences = new Map<string, number>()
  /** How often each source has been at its end: the run that its next report is of. */
  private readonly ends = new Map<string, number>()

  constructor(private readonly sources: readonly string[]) {
    for (const source of sources) this.passedMs.set(source, Number.NEGATIVE_INFINITY)
  }

  /** Takes a report; one that came before is passed over. */
  add(report: R): void {
    const { source, sequence, passedMs } = report
    if (sequence <= (this.sequences.get(source) ?? 0)) return
    this.sequences.set(source, sequence)
    const run = this.ends.get(source) ?? 0
    this.waiting.push({ run, report })
    if (passedMs === null) this.ends.set(source, run + 1)
    if (passedMs !== undefined) this.passedMs.set(source, passedMs ?? Number.NEGATIVE_INFINITY)
  }

  /** The reports that all sources have passed, in their order; those before an end before those after it. */
  take(): R[] {
    const taken: R[] = []
    for (;;) {
      const run = this.run
      const least = this.leastOf(run)
      const due = this.waiting.filter((one) => one.run === run && one.report.endMs <= least)
      if (due.length === 0) return taken
      this.waiting = this.waiting.filter((one) => one.run !== run || one.report.endMs > least)
      taken.push(...due.map(({ report }) => report).sort((a, b) => this.compare(a, b)))
    }
  }

  state(): SavedReports<R> {
    const plain = (ms: number): number | string => (Number.isFinite(ms) ? ms : String(ms))
    return {
      waiting: this.waiting,
      passedMs: [...this.passedMs].map(([source, ms]) => [source, plain(ms)]),
      sequences: [...this.sequences],
      ends: [...this.ends],
    }
  }

  restore(saved: SavedReports<R>): void {
    this.waiting = [...saved.waiting]
    for (const [source, ms] of saved.passedMs) this.passedMs.set(source, Number(ms))
    for (const [source, ends] of saved.ends) this.ends.set(source, ends)
    for (const [source, sequence] of saved.sequences) this.sequences.set(source, sequence)
  }

  /** The first run that not all sources have told to its end, or that still has reports to give. */
  private get run(): number {
    const told = Math.min(...[...this.passedMs.keys()].map((source) => this.ends.get(source) ?? 0))
    return Math.min(told, ...this.waiting.map(({ run }) => run))
  }

  /** How far all sources have come in a run. */
  private leastOf(run: number): number {
    let least = Number.POSITIVE_INFINITY
    for (const [source, passedMs] of this.passedMs) {
      if ((this.ends.get(source) ?? 0) <= run) least = Math.min(least, passedMs)
    }
    return least
  }

  private compare(a: R, b: R): number {
    return a.endMs - b.endMs || this.rank(a) - this.rank(b) || a.sequence - b.sequence
  }

  private rank({ source }: R): number {
    const place = this.sources.indexOf(source)
    return place < 0 ? this.sources.length : place
  }
}

interface Waiting<R> {
  readonly run: number
  readonly report: R
}

export interface SavedReports<R> {
  readonly waiting: readonly Waiting<R>[]
  readonly passedMs: readonly (readonly [string, number | string])[]
  readonly sequences: readonly (readonly [string, number])[]
  readonly ends: readonly (readonly [string, number])[]
}

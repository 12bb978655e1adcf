import type { SnapshotReader, SnapshotWriter } from '../state/snapshot'

/** What a block says of its source: up to when that is complete, and when the block was appended to the log. */
export interface SourceMark {
  readonly source: string
  /** The source's own watermark; infinite when it has ended. */
  readonly watermarkMs: number
  readonly appendMs: number
}

/**
 * Up to when a log partition is complete: the least of its sources' watermarks. A source that has appended nothing while
 * others moved on by the idle span is left out, so that one quiet producer does not hold the windows of all. Time is the
 * append times in the log, so that a replay says the same. What it said once it does not take back: a source that wakes
 * up with an older watermark finds its windows closed.
 *
 * ```
 *  append time   0        5        10        15
 *  source a      12:00    12:05    12:10     12:15
 *  source b      11:58       silent …
 *  watermark     11:58    11:58    12:10     12:15     idle span 10: b is left out when a has moved on by 10
 * ```
 */
export class Watermark {
  private readonly sources = new Map<string, { watermarkMs: number; appendMs: number }>()
  private latestAppendMs = Number.NEGATIVE_INFINITY
  private saidMs = Number.NEGATIVE_INFINITY

  constructor(readonly options: { readonly idleSpanMs: number }) {}

  /** -Infinity before the first mark, Infinity when every source has ended. */
  get watermarkMs(): number {
    return this.saidMs
  }

  /** Takes in a mark; a source's watermark and the append time only ever grow. */
  note({ source, watermarkMs, appendMs }: SourceMark): void {
    const known = this.sources.get(source)
    this.sources.set(source, {
      watermarkMs: Math.max(watermarkMs, known?.watermarkMs ?? Number.NEGATIVE_INFINITY),
      appendMs: Math.max(appendMs, known?.appendMs ?? Number.NEGATIVE_INFINITY),
    })
    this.latestAppendMs = Math.max(this.latestAppendMs, appendMs)
    this.saidMs = Math.max(this.saidMs, this.least())
  }

  save(out: SnapshotWriter, name: string): void {
    const sources = [...this.sources].map(([source, { watermarkMs, appendMs }]): SavedSource => {
      return [source, watermarkMs === Number.POSITIVE_INFINITY ? 'ended' : watermarkMs, appendMs]
    })
    out.value(name, { sources, saidMs: this.saidMs === Number.POSITIVE_INFINITY ? 'ended' : this.saidMs })
  }

  load(from: SnapshotReader, name: string): void {
    const { sources, saidMs } = from.value<{ sources: SavedSource[]; saidMs: SavedMs }>(name)
    this.sources.clear()
    this.latestAppendMs = Number.NEGATIVE_INFINITY
    for (const [source, watermarkMs, appendMs] of sources) {
      this.sources.set(source, { watermarkMs: msOf(watermarkMs), appendMs })
      this.latestAppendMs = Math.max(this.latestAppendMs, appendMs)
    }
    this.saidMs = msOf(saidMs)
  }

  private least(): number {
    const idleBeforeMs = this.latestAppendMs - this.options.idleSpanMs
    let least = Number.POSITIVE_INFINITY
    // The source that appended last is never idle, so at least one counts.
    for (const { watermarkMs, appendMs } of this.sources.values()) {
      if (appendMs > idleBeforeMs || appendMs === this.latestAppendMs) least = Math.min(least, watermarkMs)
    }
    return least
  }
}

/** JSON knows no infinity: null stands for "nothing yet". */
type SavedMs = number | 'ended' | null
type SavedSource = [source: string, watermarkMs: SavedMs, appendMs: number]

function msOf(saved: SavedMs): number {
  return saved === 'ended' ? Number.POSITIVE_INFINITY : (saved ?? Number.NEGATIVE_INFINITY)
}

import type { LogSpan } from '../model/records'
import type { SnapshotReader, SnapshotWriter } from '../state/snapshot'

/**
 * Which records of a log hold which stretch of event time, so that evidence can name them. Every record is noted or
 * passed once, in the order of the log; times never go back. What is told of a window that the log has passed is the same
 * however far it was read ahead, as long as what is forgotten is a matter of event time. One entry a grain.
 */
export class LogPlaces {
  /** Position of the record that comes next. */
  private next = 0
  /** Beginnings of grains in rising order, and the first and last record that holds something of each. */
  private startsMs: number[] = []
  private firsts: number[] = []
  private lasts: number[] = []

  constructor(
    private readonly log: string,
    private readonly grainMs: number,
  ) {}

  /** Takes the next record, which holds events of this time. */
  note(timeMs: number): void {
    const startMs = Math.floor(timeMs / this.grainMs) * this.grainMs
    const latestMs = this.startsMs.at(-1)
    if (latestMs === undefined || startMs > latestMs) {
      this.startsMs.push(startMs)
      this.firsts.push(this.next)
      this.lasts.push(this.next)
    }
    this.lasts[this.lasts.length - 1] = this.next
    this.next++
  }

  /** Takes the next record, which holds no events. */
  pass(): void {
    this.next++
  }

  /** The records that hold the window, as far back as is remembered; none when there are none. */
  of({ start, end }: { readonly start: number; readonly end: number }): LogSpan[] {
    const { startsMs } = this
    const from = placeOf(startsMs, start - this.grainMs + 1)
    const to = placeOf(startsMs, end) - 1
    if (from > to) return []
    return [{ log: this.log, partition: 0, from: this.firsts[from]!, to: this.lasts[to]! }]
  }

  /** Forgets the grains that begin before a time. */
  forgetBefore(timeMs: number): void {
    const gone = placeOf(this.startsMs, timeMs)
    for (const list of [this.startsMs, this.firsts, this.lasts]) list.splice(0, gone)
  }

  save(out: SnapshotWriter, name: string): void {
    out.value(name, { next: this.next })
    out.array(`${name}.startsMs`, Float64Array.from(this.startsMs))
    out.array(`${name}.firsts`, Float64Array.from(this.firsts))
    out.array(`${name}.lasts`, Float64Array.from(this.lasts))
  }

  load(from: SnapshotReader, name: string): void {
    this.next = from.value<{ next: number }>(name).next
    this.startsMs = [...from.float64(`${name}.startsMs`)]
    this.firsts = [...from.float64(`${name}.firsts`)]
    this.lasts = [...from.float64(`${name}.lasts`)]
  }
}

/** How many of the rising numbers are below one. */
function placeOf(rising: readonly number[], limit: number): number {
  let low = 0
  let high = rising.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (rising[middle]! < limit) low = middle + 1
    else high = middle
  }
  return low
}

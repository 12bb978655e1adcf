import { Generations } from '../state/generations'
import type { SnapshotReader, SnapshotWriter } from '../state/snapshot'

/** What admission says of an event: it counts, or why it does not. */
export type Admittance = 'admitted' | 'duplicate' | 'too-late' | 'id-collision'

export interface AdmissionOptions {
  /** How far an event may lie behind the youngest one and still count. */
  readonly disorderMs: number
  /** Most ids that one of the two generations remembers. */
  readonly idCap: number
}

/**
 * The clock of one raw partition and its memory of event ids: decides once, for everybody behind it, what is late and
 * what is a repeat. A function of the events alone, in their order.
 */
export class Admission {
  /** The largest admitted event time. */
  clockMs = Number.NEGATIVE_INFINITY
  private believedMs = Number.NEGATIVE_INFINITY
  private latestWatermarkMs = Number.NEGATIVE_INFINITY
  /** Late events by the hour in which they happened. */
  private late = new Map<number, number>()
  private ids: Generations

  constructor(private readonly options: AdmissionOptions) {
    this.ids = this.noIds()
  }

  /** No event older than this is admitted any more. */
  get watermarkMs(): number {
    return this.latestWatermarkMs
  }

  /** Ids forgotten before their time, because the cap was reached: repeats of them would count again. */
  get forgottenIds(): number {
    return this.ids.evicted
  }

  /** How many late events there were, by the hour (ms since 1970) in which they happened, oldest first. */
  get lateByHour(): readonly (readonly [hourMs: number, events: number])[] {
    return [...this.late].sort(([a], [b]) => a - b)
  }

  /** Whether an event lies so far ahead of the clock that it may be a mistake; before the first event, all do. */
  isAhead(timeMs: number): boolean {
    return timeMs > Math.max(this.clockMs, this.believedMs) + aheadOfOthersMs
  }

  /** From now on this time is not ahead: time has moved on to there, or begins there. */
  believe(timeMs: number): void {
    this.believedMs = timeMs
  }

  /** Nothing follows: every event so far is behind the watermark, so that the pane of the youngest one closes. */
  close(): void {
    this.latestWatermarkMs = Math.max(this.latestWatermarkMs, this.clockMs + 1)
  }

  /** Decides on an event by its time, the keyed hash of its id and a hash of all else that it says. */
  admit(timeMs: number, idHigh: number, idLow: number, contentHash: number): Admittance {
    if (timeMs < this.latestWatermarkMs) {
      this.countLate(timeMs)
      return 'too-late'
    }
    const admittance = this.admitRuling(idHigh, idLow, contentHash)
    if (admittance === 'admitted' && timeMs > this.clockMs) this.moveClock(timeMs)
    return admittance
  }

  /** The same for what people decide: it is never late, since an appeal may take months, and moves no clock. */
  admitRuling(idHigh: number, idLow: number, contentHash: number): Exclude<Admittance, 'too-late'> {
    const { ids } = this
    const at = ids.touch(idHigh, idLow) + contentWord
    const { words } = ids.young
    if (!ids.isNew) return words[at] === contentHash >>> 0 ? 'duplicate' : 'id-collision'
    words[at] = contentHash
    return 'admitted'
  }

  save(out: SnapshotWriter, name: string): void {
    out.value(name, {
      clockMs: this.clockMs,
      believedMs: this.believedMs,
      watermarkMs: this.latestWatermarkMs,
      late: [...this.late],
    } satisfies SavedAdmission)
    this.ids.save(out, `${name}.ids`)
  }

  load(from: SnapshotReader, name: string): void {
    const saved = from.value<SavedAdmission>(name)
    this.clockMs = saved.clockMs ?? Number.NEGATIVE_INFINITY
    this.believedMs = saved.believedMs ?? Number.NEGATIVE_INFINITY
    this.latestWatermarkMs = saved.watermarkMs ?? Number.NEGATIVE_INFINITY
    this.late = new Map(saved.late)
    this.ids = this.noIds()
    this.ids.load(from, `${name}.ids`)
  }

  private moveClock(timeMs: number): void {
    this.clockMs = timeMs
    // It never goes back, not even when a larger disorder is allowed from now on: blocks have promised it.
    this.latestWatermarkMs = Math.max(this.latestWatermarkMs, timeMs - this.options.disorderMs)
    this.ids.advance(timeMs)
  }

  private countLate(timeMs: number): void {
    let hourMs = Math.floor(timeMs / msPerHour) * msPerHour
    if (this.late.size >= maxLateHours && !this.late.has(hourMs)) hourMs = 0
    this.late.set(hourMs, (this.late.get(hourMs) ?? 0) + 1)
  }

  /**
   * A repeat has the event time of the first one, so an id matters until the watermark has passed that time; each
   * generation lives a minute longer, for the sake of whoever looks at the figures.
   */
  private noIds(): Generations {
    const { disorderMs, idCap } = this.options
    return new Generations({ stride: contentWord + 1, spanMs: disorderMs + 60_000, cap: idCap })
  }
}

interface SavedAdmission {
  readonly clockMs: number | null
  readonly believedMs: number | null
  readonly watermarkMs: number | null
  readonly late: readonly (readonly [number, number])[]
}

/** Two words of a remembered id are its hash, the third is the hash of the content. */
const contentWord = 2
/** The contract: in a replay, more than a day ahead of everything else is ahead of its time. */
export const aheadOfOthersMs = 86_400_000
const msPerHour = 3_600_000
/** A year of hours; late events of still more different hours are counted together under 0. */
const maxLateHours = 8_784
